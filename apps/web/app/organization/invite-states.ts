import type { Invite } from "~/api/types";

export type InviteState = Invite["state"];

/** Every state of an invite, in the order in which people look for them. */
export const INVITE_STATES = ["pending", "expired", "accepted", "declined", "revoked"] as const satisfies InviteState[];

const LABELS: Record<InviteState, string> = {
  pending: "Pending",
  expired: "Expired",
  accepted: "Accepted",
  declined: "Declined",
  revoked: "Revoked",
};

/** A state as people read it. */
export function inviteStateLabel(state: InviteState): string {
  return LABELS[state];
}

/** What an invite is at this moment: one that was pending when it was read expires while the page is open. */
export function stateNow({ state, expiresAt }: Pick<Invite, "state" | "expiresAt">, nowMs: number): InviteState {
  return state === "pending" && Date.parse(expiresAt) <= nowMs ? "expired" : state;
}
