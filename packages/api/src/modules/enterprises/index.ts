export { enterprisesRouter } from "./enterprises.router.ts";
export type { EnterpriseActor } from "./read-enterprise.ts";
