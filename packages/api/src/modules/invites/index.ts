export { invitesRouter } from "./invites.router.ts";
export { sendInviteList } from "./send-invite-list.ts";
