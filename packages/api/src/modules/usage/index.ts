export { type AcceptUse, createAcceptUse } from "./accept-use.ts";
export type { RecordedUsage } from "./charge-use.ts";
export { createRecordUsage, createRecordUsages, type UsageOutcome } from "./record-usage.ts";
export { refuseRevokedKeys, together } from "./refuse-revoked-keys.ts";
export { type ReversedUsage, reverseUsage } from "./reverse-usage.ts";
export { recordUses } from "./usage.events.ts";
export { listComingPrices, listPrices } from "./usage.queries.ts";
export { usageRouter } from "./usage.router.ts";
export { type ReportedUsage, readReportedUsage, reportedUsage, reversalRequest } from "./usage-input.ts";
