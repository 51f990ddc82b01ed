import type { Invite, InvitePage } from "~/api/types";
import { type Merge, REFETCH } from "./merge";

type State = Invite["state"];

/**
 * Keeps a list of invites up to date that shows these states. What is new, and who may still be accepted after a change of
 * roles, only a read can tell.
 */
export function mergeInvites(states: readonly State[]): Merge<InvitePage> {
  return (page, event) => {
    switch (event.type) {
      case "invite.accepted":
      case "invite.declined":
      case "invite.revoked":
        return change(page, states, {
          inviteId: event.payload.inviteId,
          ...{ state: event.type.slice("invite.".length) as State, endedAt: event.at },
        });
      case "invite.resent":
        return change(page, states, { ...event.payload, state: "pending", canBeAccepted: true });
      case "invite.created":
      case "member.role_changed":
      case "member.removed":
        return REFETCH;
      default:
        return page;
    }
  };
}

/** Changes one invite and the counts of what there is. One that is not on the page is somewhere: the counts are read. */
function change(
  page: InvitePage,
  states: readonly State[],
  changed: Pick<Invite, "inviteId" | "state"> & Partial<Invite>,
): InvitePage | typeof REFETCH {
  const before = page.items.find(({ inviteId }) => inviteId === changed.inviteId);
  if (!before) return REFETCH;
  const after = { ...before, ...changed };
  const items = page.items.map((invite) => (invite === before ? after : invite));
  const counts = { ...page.counts };
  counts[before.state] -= 1;
  counts[after.state] += 1;
  return { ...page, items: items.filter(({ state }) => states.includes(state)), counts };
}

/**
 * Puts a newly read first page before what is shown. Invites change their state and leave a list, so what the new page spans
 * is taken from it alone; older ones stay as they are.
 */
export function joinInvites(shown: InvitePage, newest: InvitePage): InvitePage {
  const last = newest.items.at(-1);
  if (!newest.nextCursor || !last) return newest;
  const older = shown.items.filter(({ inviteId }) => inviteId < last.inviteId);
  if (older.length === 0) return newest;
  return { ...newest, items: [...newest.items, ...older], nextCursor: shown.nextCursor };
}
