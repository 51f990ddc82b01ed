export { addMember } from "./add-member.ts";
export { applyRoleChanges } from "./change-roles.ts";
export { endMemberships } from "./end-memberships.ts";
export { type ExportedMember, type MemberExport, openMemberExport } from "./export-members.ts";
export { type MemberOrder, memberSorts } from "./member-order.ts";
export type { MemberFilter } from "./members.queries.ts";
export { membersRouter } from "./members.router.ts";
export { decideLeaving } from "./role-policy.ts";
export { isMember, type RosterEntry, readRole, readRosterPart } from "./roster.ts";
