export { createOrganization } from "./create-organization.ts";
export { lockOrganization, lockOrganizationAs } from "./lock-organization.ts";
export { idempotencyKey, organizationSlug } from "./organization-input.ts";
export { organizationsRouter } from "./organizations.router.ts";
export { readActor } from "./read-actor.ts";
export { isReservedSlug } from "./slug-policy.ts";
export { takeSlug } from "./take-slug.ts";
export { wakePlatformAdmins } from "./wake-platform-admins.ts";
export { wakeRoster } from "./wake-roster.ts";
