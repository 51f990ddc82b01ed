export { addMember } from "./add-member.ts";
export { membersRouter } from "./members.router.ts";
export { readRole } from "./roster.ts";
