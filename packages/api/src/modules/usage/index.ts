export { createRecordUsage, type RecordedUsage, type RecordUsage } from "./record-usage.ts";
export { recordUses } from "./usage.events.ts";
export { listPrices } from "./usage.queries.ts";
export { usageRouter } from "./usage.router.ts";
export { type ReportedUsage, reportedUsage } from "./usage-input.ts";
