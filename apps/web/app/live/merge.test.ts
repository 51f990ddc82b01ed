import { describe, expect, test } from "vitest";
import type { Invite, Member, Organization, WalletSummary } from "~/api/types";
import { createFeed, type SequencedEvent } from "./feed";
import { catchUp, type Merge, REFETCH } from "./merge";
import { mergeInvites } from "./merge-invites";
import { mergeFoundMembers, mergeMembers } from "./merge-members";
import { mergeOrganization } from "./merge-organization";
import { mergeWallet } from "./merge-wallet";

const AT = "2025-03-03T10:00:00.000Z";
let sequence = 0;

type EventOf<T extends SequencedEvent["type"]> = Extract<SequencedEvent, { type: T }>;

function event<T extends SequencedEvent["type"]>(type: T, payload: EventOf<T>["payload"]): SequencedEvent {
  sequence += 1;
  return { type, payload, at: AT, sequence: String(sequence) } as SequencedEvent;
}

const person = (name: string, role: Member["role"]) => ({
  userId: name.toLowerCase(),
  name,
  email: `${name.toLowerCase()}@example.com`,
  role,
  joinedAt: AT,
});
const member = (name: string, role: Member["role"]): Member => ({ ...person(name, role), isYou: name === "Ada" });
const namesOf = (members: unknown) => (members as Member[]).map(({ name }) => name);

describe("members", () => {
  const roster = [member("Ada", "owner"), member("Grace", "admin"), member("Alan", "member")];
  const merge = mergeMembers("ada");

  test("L1 a new member stands where the server lists them: highest role first, then by name", () => {
    expect(namesOf(merge(roster, event("member.added", person("Bob", "admin"))))).toEqual([
      "Ada",
      "Bob",
      "Grace",
      "Alan",
    ]);
  });

  test("L1 a changed role moves the row, and the removed are gone", () => {
    const demoted = merge(
      roster,
      event("member.role_changed", { userId: "grace", role: "member", previousRole: "admin" }),
    );
    expect(namesOf(demoted)).toEqual(["Ada", "Alan", "Grace"]);
    expect(namesOf(merge(roster, event("member.removed", { userId: "alan", name: "Alan" })))).toEqual(["Ada", "Grace"]);
  });

  test("an event that the list knows already changes nothing", () => {
    const added = event("member.added", person("Alan", "member"));
    expect(merge(roster, added)).toEqual(roster);
  });

  test("keeps the reader's own row marked when they come back", () => {
    const [back] = merge([], event("member.added", person("Ada", "owner"))) as Member[];
    expect(back?.isYou).toBe(true);
  });

  test("leaves the list it was given as it was", () => {
    const before = structuredClone(roster);
    merge(roster, event("member.role_changed", { userId: "alan", role: "owner", previousRole: "member" }));
    expect(roster).toEqual(before);
  });

  test("a searched list is read again for members, and only for them", () => {
    expect(mergeFoundMembers(roster, event("member.added", person("Bob", "admin")))).toBe(REFETCH);
    expect(mergeFoundMembers(roster, event("organization.renamed", { name: "New" }))).toBe(roster);
  });
});

describe("invites", () => {
  const invite = (inviteId: string): Invite => ({
    inviteId,
    email: `${inviteId}@example.com`,
    role: "member",
    invitedByName: "Ada",
    createdAt: AT,
    expiresAt: AT,
  });

  test("L1 the newest comes first, once, and goes when it is accepted or revoked", () => {
    const open = mergeInvites([invite("one")], event("invite.created", invite("two"))) as Invite[];
    expect(open.map(({ inviteId }) => inviteId)).toEqual(["two", "one"]);
    expect(mergeInvites(open, event("invite.created", invite("two")))).toHaveLength(2);
    const accepted = mergeInvites(open, event("invite.accepted", { inviteId: "one", userId: "bob" })) as Invite[];
    expect(accepted.map(({ inviteId }) => inviteId)).toEqual(["two"]);
    expect(mergeInvites(accepted, event("invite.revoked", { inviteId: "two" }))).toEqual([]);
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
    expect(merge(organization, event("organization.set_up", { name: "New", slug: "new" }))).toMatchObject({
      name: "New",
      slug: "new",
      isSetUp: true,
    });
  });

  test("is read again when its count or the reader's own role changed, since events do not carry them", () => {
    expect(merge(organization, event("member.added", person("Bob", "member")))).toBe(REFETCH);
    expect(merge(organization, event("member.removed", { userId: "bob", name: "Bob" }))).toBe(REFETCH);
    const role = { role: "member", previousRole: "admin" } as const;
    expect(merge(organization, event("member.role_changed", { userId: "ada", ...role }))).toBe(REFETCH);
    expect(merge(organization, event("member.role_changed", { userId: "bob", ...role }))).toBe(organization);
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
