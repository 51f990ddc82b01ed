export { LONGEST_EMAIL, normalizeEmail } from "./email-address.ts";
export {
  type Attempt,
  createLoginLimits,
  LOGIN_RATES,
  type LoginLimits,
  type LoginLimitsOptions,
  type LoginRates,
} from "./login-limits.ts";
export { networkOf } from "./network-address.ts";
export {
  createPasswordHasher,
  type HashCost,
  type PasswordHasher,
  type PasswordHasherOptions,
} from "./password-hasher.ts";
export { findPasswordWeakness, PASSWORD_LENGTH, type PasswordWeakness } from "./password-policy.ts";
export {
  can,
  isAtLeast,
  type Permission,
  permissions,
  permissionsOf,
  type Role,
  roles,
  rolesWith,
} from "./permissions.ts";
export { createScopedToken, parseScopedToken, type ScopedToken } from "./scoped-token.ts";
export { createSealer, SECRET_KEY_BYTES, SealError, type Sealer } from "./sealer.ts";
export { createSessions, type NewSession, type SessionClient, type Sessions, type ValidSession } from "./sessions.ts";
