export { emailAddress } from "./credentials-input.ts";
export { emailRouter } from "./email.router.ts";
export { identityRouter } from "./identity.router.ts";
export { deleteOldIdentityTokens } from "./identity-tokens.ts";
export { accountRouter } from "./account.router.ts";
export { mailVerification } from "./send-verification.ts";
