export { type Device, describeDevice, deviceName } from "./device.ts";
export { LONGEST_EMAIL, normalizeEmail } from "./email-address.ts";
export {
  type Attempt,
  createLoginLimits,
  LOGIN_RATES,
  type LoginLimits,
  type LoginLimitsOptions,
  type LoginRates,
  tooManyAttempts,
} from "./login-limits.ts";
export { networkOf } from "./network-address.ts";
export {
  type AssertionCheck,
  isHandleOf,
  type KnownPasskey,
  type NewPasskey,
  PASSKEY_TIMEOUT_MS,
  type PasskeyAssertion,
  type PasskeyCreation,
  type PasskeyCreationOptions,
  type PasskeyRequestOptions,
  passkeyCreationOptions,
  passkeyRequestOptions,
  relyingPartyOf,
  verifyPasskeyAssertion,
  verifyPasskeyCreation,
} from "./passkeys.ts";
export {
  createPasswordHasher,
  type HashCost,
  type PasswordHasher,
  type PasswordHasherOptions,
} from "./password-hasher.ts";
export { findPasswordWeakness, PASSWORD_LENGTH, type PasswordWeakness } from "./password-policy.ts";
export {
  type ApiKeyScope,
  allApiKeyScopes,
  apiKeyScopes,
  can,
  isAtLeast,
  type Permission,
  permissions,
  permissionsOf,
  type Role,
  roles,
  rolesWith,
} from "./permissions.ts";
export { createRecoveryCodes, hashRecoveryCode, RECOVERY_CODE_COUNT } from "./recovery-codes.ts";
export { createScopedToken, parseScopedToken, type ScopedToken } from "./scoped-token.ts";
export { createSealer, SECRET_KEY_BYTES, SealError, type Sealer } from "./sealer.ts";
export { createSessionToken, isSessionToken, sessionIdOf } from "./session-token.ts";
export {
  createSessions,
  type NewSession,
  type SessionClient,
  type SessionInList,
  type Sessions,
  type SessionTx,
  type ValidSession,
} from "./sessions.ts";
export { createTotpSecret, findTotpStep, totpCodeAt, totpUri } from "./totp.ts";
