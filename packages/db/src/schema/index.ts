export { auditEntries, auditHeads } from "./audit.ts";
export { identityTokens, sealingCheck, sessions, users } from "./identity.ts";
export { books, burns, holds, lots, postings } from "./ledger.ts";
export { events, heads } from "./live.ts";
export { capturedMail, outbox } from "./mail.ts";
export {
  apiKeys,
  creditTypes,
  enterpriseAdmins,
  enterprises,
  invites,
  memberSpending,
  members,
  organizationSlugs,
  organizations,
  teamMembers,
  teams,
} from "./organizations.ts";
export { ownershipOffers } from "./ownership.ts";
export { spendPolicies, teamSpending, teamUses } from "./spending.ts";
export { modelPrices, usageEvents, usageReversals } from "./usage.ts";
