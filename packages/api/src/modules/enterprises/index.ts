export { enterprisesRouter } from "./enterprises.router.ts";
export { readEnterprise } from "./read-enterprise.ts";
