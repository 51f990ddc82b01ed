export { identityRouter } from "./identity.router.ts";
