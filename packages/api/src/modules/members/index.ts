export { addMember } from "./add-member.ts";
export { applyRoleChanges } from "./change-roles.ts";
export { endMemberships } from "./end-memberships.ts";
export { type ExportedMember, openMemberExport } from "./export-members.ts";
export { memberSorts } from "./member-order.ts";
export { memberSeats } from "./member-seat.ts";
export { membersRouter } from "./members.router.ts";
export { decideLeaving } from "./role-policy.ts";
export { type RosterEntry, readRole, readRosterPart } from "./roster.ts";
