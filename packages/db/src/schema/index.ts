export { auditEntries, auditHeads } from "./audit.ts";
export { identityTokens, sealingCheck, sessions, users } from "./identity.ts";
export { inviteBatches, inviteLinks, invites } from "./invites.ts";
export { books, burns, holds, lots, postings } from "./ledger.ts";
export { events, heads } from "./live.ts";
export { capturedMail, outbox } from "./mail.ts";
export {
  apiKeys,
  creditTypes,
  enterpriseAdmins,
  enterprises,
  memberSpending,
  members,
  organizationSlugs,
  organizations,
  teamMembers,
  teams,
} from "./organizations.ts";
export { ownershipOffers } from "./ownership.ts";
export { seats } from "./seats.ts";
export {
  factorAttempts,
  passkeyChallenges,
  passkeys,
  pendingSignIns,
  recoveryCodes,
  totpFactors,
  totpSetups,
} from "./second-factors.ts";
export { holdMembers, spendPolicies, teamSpending, teamUses } from "./spending.ts";
export { modelPrices, usageEvents, usageReversals } from "./usage.ts";
