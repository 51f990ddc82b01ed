import { expect, test } from "vitest";
import type { Member, MemberPage } from "~/api/types";
import type { SequencedEvent } from "./feed";
import { REFETCH } from "./merge";
import { joinMemberPage, type MemberListing, mergeMemberPage } from "./merge-member-page";

const person = (name: string, role: Member["role"], day = 1): Member => ({
  userId: name.toLowerCase(),
  name,
  email: `${name.toLowerCase()}@example.com`,
  role,
  seat: "none",
  joinedAt: `2026-11-0${day}T10:00:00.000Z`,
  isYou: name === "Ada",
});
const page = (items: Member[], nextCursor: string | null = null): MemberPage => ({
  items,
  nextCursor,
  total: items.length,
  ownerCount: items.filter(({ role }) => role === "owner").length,
});
const event = (type: string, payload: object) =>
  ({ type, payload, at: "2026-11-09T10:00:00.000Z", sequence: "9" }) as SequencedEvent;
const listing: MemberListing = { sort: "role", order: "asc", isFiltered: false, isLater: false };
const roster = page([person("Ada", "owner", 3), person("Grace", "admin", 1), person("Alan", "member", 2)]);
const names = (shown: MemberPage | typeof REFETCH) =>
  shown === REFETCH ? "refetch" : shown.items.map(({ name }) => name);

test("L1 while everybody is listed, the page changes itself and keeps its order", () => {
  const promoted = event("member.role_changed", { userId: "alan", role: "owner", previousRole: "member" });
  const merged = mergeMemberPage("ada", listing)(roster, promoted) as MemberPage;
  expect(names(merged)).toEqual(["Ada", "Alan", "Grace"]);
  expect(merged).toMatchObject({ total: 3, ownerCount: 2 });
  const { isYou: _, seat: __, ...joined } = person("Bea", "member", 4);
  const added = event("member.added", joined);
  expect(names(mergeMemberPage("ada", { ...listing, sort: "name", order: "desc" })(roster, added))).toEqual([
    "Grace",
    "Bea",
    "Alan",
    "Ada",
  ]);
  expect(names(mergeMemberPage("ada", { ...listing, sort: "joined", order: "desc" })(roster, added))).toEqual([
    "Bea",
    "Ada",
    "Alan",
    "Grace",
  ]);
  expect(names(mergeMemberPage("ada", { ...listing, order: "desc" })(roster, added))).toEqual([
    "Alan",
    "Bea",
    "Grace",
    "Ada",
  ]);
  expect(names(mergeMemberPage("ada", listing)(roster, event("member.removed", { userId: "grace" })))).toEqual([
    "Ada",
    "Alan",
  ]);
});

test("L1 S2.3 a person's new name stands at once where it belongs", () => {
  const renamed = event("member.renamed", { userId: "grace", name: "Zoe" });
  const byName = { ...listing, sort: "name" } as const;
  expect(names(mergeMemberPage("ada", byName)(roster, renamed))).toEqual(["Ada", "Alan", "Zoe"]);
  expect(mergeMemberPage("ada", { ...listing, isFiltered: true })(roster, renamed)).toBe(REFETCH);
});

test("S2.3 a new name stands where it belongs, and who comes back is the reader’s own row again", () => {
  const merge = mergeMemberPage("ada", { ...listing, sort: "name" });
  const renamed = merge(roster, event("member.renamed", { userId: "grace", name: "Aaron" }));
  expect(names(renamed)).toEqual(["Aaron", "Ada", "Alan"]);
  const { isYou: _, seat: __, ...ada } = person("Ada", "owner");
  const back = merge(page([]), event("member.added", ada)) as MemberPage;
  expect(back.items[0]?.isYou).toBe(true);
});

test("an event that the list knows already changes nothing, and the list it was given stays as it was", () => {
  const before = structuredClone(roster);
  const { isYou: _, seat: __, ...alan } = person("Alan", "member", 2);
  expect(mergeMemberPage("ada", listing)(roster, event("member.added", alan))).toEqual(roster);
  mergeMemberPage("ada", listing)(roster, event("member.removed", { userId: "alan" }));
  expect(roster).toEqual(before);
});

test("S2.25 an event about a member leaves the seat as it is; whoever comes in, or comes back, has none", () => {
  const merge = mergeMemberPage("ada", listing);
  const seatOf = (shown: MemberPage | typeof REFETCH, of: string) =>
    shown === REFETCH ? "refetch" : shown.items.find(({ userId }) => userId === of)?.seat;
  const [ada, grace, alan] = roster.items as [Member, Member, Member];
  const seated = page([ada, { ...grace, seat: "suspended" }, { ...alan, seat: "active" }]);
  const promoted = event("member.role_changed", { userId: "alan", role: "admin", previousRole: "member" });
  expect(seatOf(merge(seated, promoted), "alan")).toBe("active");
  expect(seatOf(merge(seated, event("member.renamed", { userId: "grace", name: "Zoe" })), "grace")).toBe("suspended");
  const { isYou: _, seat: __, ...added } = alan;
  expect(seatOf(merge(seated, event("member.added", added)), "alan")).toBe("active");
  const left = merge(seated, event("member.removed", { userId: "alan" })) as MemberPage;
  expect(seatOf(merge(left, event("member.added", added)), "alan")).toBe("none");
});

test("a part of the list is read again, since only the server knows who belongs to it", () => {
  const removed = event("member.removed", { userId: "grace" });
  expect(mergeMemberPage("ada", { ...listing, isFiltered: true })(roster, removed)).toBe(REFETCH);
  expect(mergeMemberPage("ada", { ...listing, isLater: true })(roster, removed)).toBe(REFETCH);
  expect(mergeMemberPage("ada", listing)(page(roster.items, "next"), removed)).toBe(REFETCH);
  const other = event("organization.renamed", { name: "Acme" });
  expect(mergeMemberPage("ada", listing)(roster, other)).toBe(roster);
});

test("what was appended stays behind what was read again, each person once", () => {
  const shown = page([person("Ada", "owner"), person("Grace", "admin"), person("Alan", "member")], "further");
  const found = page([person("Ada", "owner"), person("Alan", "owner")], "second");
  expect(names(joinMemberPage(shown, found))).toEqual(["Ada", "Alan"]);
  expect(joinMemberPage(shown, found).nextCursor).toBe("further");
  expect(names(joinMemberPage(shown, page([person("Ada", "owner")])))).toEqual(["Ada"]);
});
