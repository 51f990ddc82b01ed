export { isWithinAllowance } from "./allowance-policy.ts";
export { readSpending } from "./allowances.queries.ts";
export { allowancesRouter } from "./allowances.router.ts";
