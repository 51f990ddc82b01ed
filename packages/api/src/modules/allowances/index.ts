export { isWithinAllowance, monthOf, type SpendingFacts } from "./allowance-policy.ts";
export { allowancesRouter } from "./allowances.router.ts";
