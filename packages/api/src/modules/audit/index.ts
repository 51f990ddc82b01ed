export type { AuditLogEntry } from "./audit.queries.ts";
export { auditRouter } from "./audit.router.ts";
export { auditFilters } from "./audit-filters.ts";
export { type AuditExport, openAuditExport } from "./export-audit.ts";
