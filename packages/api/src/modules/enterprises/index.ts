export { lockAdministered, readAdministeredAlone } from "./administered-alone.ts";
export { enterprisesRouter } from "./enterprises.router.ts";
export type { EnterpriseActor } from "./read-enterprise.ts";
