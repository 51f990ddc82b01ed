export { enterprisesRouter } from "./enterprises.router.ts";
