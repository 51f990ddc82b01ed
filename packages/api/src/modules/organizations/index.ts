export { createOrganization } from "./create-organization.ts";
export { lockOrganization, lockOrganizationAs } from "./lock-organization.ts";
export { idempotencyKey } from "./organization-input.ts";
export { organizationsRouter } from "./organizations.router.ts";
export { readActor } from "./read-actor.ts";
