export { invitesRouter } from "./invites.router.ts";
