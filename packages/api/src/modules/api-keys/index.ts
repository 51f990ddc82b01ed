export { type ApiKeys, createApiKeys } from "./api-key-memory.ts";
export { apiKeysRouter } from "./api-keys.router.ts";
export type { ApiKeyActor } from "./check-api-key.ts";
export { createApiKey } from "./create-api-key.ts";
export { readRefusedKeys, refusalOf } from "./read-refused-keys.ts";
export { requireScope } from "./require-scope.ts";
