export type { RecordedUsage } from "./charge-use.ts";
export { createRecordUsage, createRecordUsages, type UsageOutcome } from "./record-usage.ts";
export { recordUses } from "./usage.events.ts";
export { listPrices } from "./usage.queries.ts";
export { usageRouter } from "./usage.router.ts";
export { type ReportedUsage, readReportedUsage, reportedUsage } from "./usage-input.ts";
