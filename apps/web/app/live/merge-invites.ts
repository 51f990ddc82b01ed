import type { Invite } from "~/api/types";
import type { Merge } from "./merge";

/** Keeps the list of open invites up to date, the newest first. */
export const mergeInvites: Merge<Invite[]> = (invites, event) => {
  if (event.type === "invite.created") {
    return [event.payload, ...invites.filter((invite) => invite.inviteId !== event.payload.inviteId)];
  }
  if (event.type === "invite.accepted" || event.type === "invite.revoked") {
    return invites.filter((invite) => invite.inviteId !== event.payload.inviteId);
  }
  return invites;
};
