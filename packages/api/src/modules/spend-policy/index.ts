export { admitSpends } from "./admit-spends.ts";
export { firstTeamOf, readSpendPolicy } from "./spend-policy.queries.ts";
export { spendPolicyRouter } from "./spend-policy.router.ts";
export { findSpendRefusal, type SpenderFacts, type SpendPolicy, type SpendRefusal } from "./spend-policy.ts";
export { toSpendError } from "./spend-refusal.ts";
