import { describe, expect, test } from "vitest";
import type { Invite, InvitePage, Organization, WalletSummary } from "~/api/types";
import { INVITE_STATES } from "~/organization/invite-states";
import { createFeed, type SequencedEvent } from "./feed";
import { catchUp, type Merge, REFETCH } from "./merge";
import { joinInvites, mergeInvites } from "./merge-invites";
import { mergeOrganization } from "./merge-organization";
import { mergeWallet } from "./merge-wallet";

const AT = "2025-03-03T10:00:00.000Z";
let sequence = 0;

type EventOf<T extends SequencedEvent["type"]> = Extract<SequencedEvent, { type: T }>;

function event<T extends SequencedEvent["type"]>(type: T, payload: EventOf<T>["payload"]): SequencedEvent {
  sequence += 1;
  return { type, payload, at: AT, sequence: String(sequence) } as SequencedEvent;
}

describe("invites", () => {
  const invite = (inviteId: string, state: Invite["state"] = "pending"): Invite => ({
    ...{ inviteId, email: `${inviteId}@example.com`, role: "member", state, canBeAccepted: true },
    ...{ invitedByName: "Ada", createdAt: AT, sentAt: AT, expiresAt: AT, endedAt: null },
  });
  const none = { pending: 0, expired: 0, accepted: 0, declined: 0, revoked: 0 };
  const page = (...items: Invite[]): InvitePage => ({
    items,
    nextCursor: null,
    counts: items.reduce((counts, { state }) => ({ ...counts, [state]: counts[state] + 1 }), none),
  });
  const mergeAll = mergeInvites(INVITE_STATES);
  const ids = (shown: unknown) => (shown as InvitePage).items.map(({ inviteId }) => inviteId);

  test("L1 one that is accepted, declined or revoked says so at once, and is counted as that", () => {
    const before = page(invite("two"), invite("one"));
    const accepted = mergeAll(before, event("invite.accepted", { inviteId: "one", userId: "bob" })) as InvitePage;
    expect(accepted.items[1]).toMatchObject({ inviteId: "one", state: "accepted" });
    expect(accepted.counts).toEqual({ ...none, pending: 1, accepted: 1 });
    expect(mergeAll(accepted, event("invite.accepted", { inviteId: "one", userId: "bob" }))).toEqual({
      ...accepted,
      items: expect.anything(),
    });
    const revoked = mergeAll(accepted, event("invite.revoked", { inviteId: "two" })) as InvitePage;
    expect(revoked.counts).toEqual({ ...none, revoked: 1, accepted: 1 });
  });

  test("L1 it leaves a list that does not show its new state", () => {
    const pending = mergeInvites(["pending"])(
      page(invite("two"), invite("one")),
      event("invite.declined", { inviteId: "one" }),
    );
    expect(ids(pending)).toEqual(["two"]);
  });

  test("L1 one that is sent again is pending anew, with the new expiry", () => {
    const resent = { inviteId: "one", invitedByName: "Grace", sentAt: AT, expiresAt: "2030-01-01T00:00:00.000Z" };
    const merged = mergeAll(page(invite("one", "expired")), event("invite.resent", resent)) as InvitePage;
    expect(merged.items[0]).toMatchObject({ state: "pending", ...resent });
    expect(merged.counts).toEqual({ ...none, pending: 1 });
  });

  test("what the page does not hold, and what rights do to it, is read again", () => {
    const shown = page(invite("one"));
    expect(mergeAll(shown, event("invite.revoked", { inviteId: "elsewhere" }))).toBe(REFETCH);
    expect(mergeAll(shown, event("member.removed", { userId: "ada", name: "Ada" }))).toBe(REFETCH);
    expect(mergeAll(shown, event("organization.renamed", { name: "New" }))).toBe(shown);
  });

  test("a new first page replaces what it spans, and keeps the older ones", () => {
    const newest = { ...page(invite("5"), invite("4")), nextCursor: "4" };
    expect(ids(joinInvites(page(invite("4"), invite("4b"), invite("3")), newest))).toEqual(["5", "4", "3"]);
    expect(ids(joinInvites(page(invite("4"), invite("3")), page(invite("4"))))).toEqual(["4"]);
  });
});

describe("the organization", () => {
  const organization = { name: "Old", slug: "old", isSetUp: false, memberCount: 2 } as Organization;
  const merge = mergeOrganization("ada");

  test("L1 takes its new name, and name and slug when it is set up", () => {
    expect(merge(organization, event("organization.renamed", { name: "New" }))).toMatchObject({
      name: "New",
      slug: "old",
    });
    const moved = event("organization.slug_changed", { slug: "new", previousSlug: organization.slug });
    expect(merge(organization, moved)).toEqual({ ...organization, slug: "new" });
    expect(merge(organization, event("organization.set_up", { name: "New", slug: "new" }))).toMatchObject({
      name: "New",
      slug: "new",
      isSetUp: true,
    });
  });

  test("L3 the reader's new role and its rights hold at once", () => {
    const role = { role: "member", previousRole: "admin" } as const;
    const demoted = merge(organization, event("member.role_changed", { userId: "ada", ...role })) as Organization;
    expect(demoted.role).toBe("member");
    expect(demoted.permissions).toContain("members.read");
    expect(demoted.permissions).not.toContain("invites.manage");
    expect(merge(organization, event("member.role_changed", { userId: "bob", ...role }))).toBe(organization);
  });

  test("is read again when its count changed, since events do not carry it", () => {
    expect(
      merge(
        organization,
        event("member.added", { userId: "bob", name: "Bob", email: "bob@example.com", role: "member", joinedAt: AT }),
      ),
    ).toBe(REFETCH);
    expect(merge(organization, event("member.removed", { userId: "bob", name: "Bob" }))).toBe(REFETCH);
  });

  test("L3 is not asked for by somebody who was just removed", () => {
    expect(merge(organization, event("member.removed", { userId: "ada", name: "Ada" }))).toBe(organization);
  });
});

describe("the wallet", () => {
  const summary: WalletSummary = { balanceMicro: "100", heldMicro: "0", availableMicro: "100", sequence: "9" };
  const changed = (toSequence: string, balanceMicro: string) =>
    event("wallet.balance_changed", {
      balanceMicro,
      heldMicro: "0",
      availableMicro: balanceMicro,
      fromSequence: toSequence,
      toSequence,
    });

  test("L1 takes the balance of a later posting", () => {
    expect(mergeWallet(summary, changed("10", "90"))).toEqual({
      balanceMicro: "90",
      heldMicro: "0",
      availableMicro: "90",
      sequence: "10",
    });
  });

  test("L5 never goes back to the balance of an earlier posting", () => {
    expect(mergeWallet(summary, changed("9", "500"))).toBe(summary);
    expect(mergeWallet({ ...summary, sequence: "10" }, changed("9", "500"))).toMatchObject({ balanceMicro: "100" });
  });
});

describe("catching up", () => {
  const names: Merge<string[]> = (shown, { type, payload }) =>
    type === "organization.renamed" ? [...shown, payload.name] : type === "member.removed" ? REFETCH : shown;

  test("L2 adds what was heard after the read, and only that", () => {
    const feed = createFeed("0");
    for (const name of ["a", "b", "c"]) feed.append({ ...event("organization.renamed", { name }) });
    const [first] = feed.since("0") ?? [];
    expect(catchUp([], { feed, asOf: first?.sequence ?? "", merge: names })).toEqual(["b", "c"]);
    expect(catchUp([], { feed, asOf: feed.lastSequence(), merge: names })).toEqual([]);
  });

  test("L2 asks for a new read where an event says too little, or where the feed does not reach back", () => {
    const feed = createFeed(String(sequence));
    const start = feed.lastSequence();
    feed.append(event("organization.renamed", { name: "a" }));
    feed.append(event("member.removed", { userId: "bob", name: "Bob" }));
    expect(catchUp([], { feed, asOf: start, merge: names })).toBe(REFETCH);
    expect(catchUp([], { feed, asOf: String(BigInt(start) - 1n), merge: names })).toBe(REFETCH);
  });
});
