export { emailAddress } from "./credentials-input.ts";
export { identityRouter } from "./identity.router.ts";
export { signUp } from "./sign-up.ts";
