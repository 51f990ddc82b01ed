export { createRecordUsage, type RecordedUsage } from "./record-usage.ts";
export { recordUses } from "./usage.events.ts";
export { listPrices } from "./usage.queries.ts";
export { usageRouter } from "./usage.router.ts";
export { reportedUsage } from "./usage-input.ts";
