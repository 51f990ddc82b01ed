export { askPasskey } from "./ask-passkey.ts";
export { removeEveryFactor } from "./change-factors.ts";
export { deleteExpiredProofs } from "./delete-expired-proofs.ts";
export { type FactorMethods, readFactorMethods } from "./factors.queries.ts";
export { passkeyAssertion } from "./passkey-input.ts";
export { proveByCode } from "./prove-by-code.ts";
export { proveByPasskey } from "./prove-by-passkey.ts";
export { secondFactorRouter } from "./second-factor.router.ts";
export type { SignedInPerson } from "./signed-in-person.ts";
