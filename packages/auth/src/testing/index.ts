export { createSoftAuthenticator, type Mischief } from "./soft-authenticator.ts";
