export { emailAddress } from "./credentials-input.ts";
export { identityRouter } from "./identity.router.ts";
export { accountRouter } from "./account.router.ts";
