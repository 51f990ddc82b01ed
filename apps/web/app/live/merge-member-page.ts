import type { Member, MemberPage } from "~/api/types";
import { ROLES } from "~/organization/roles";
import type { Feed } from "./feed";
import { type Merge, REFETCH } from "./merge";

/** How the page lists its members. */
export interface MemberListing {
  sort: "role" | "name" | "joined";
  order: "asc" | "desc";
  /** Searched or filtered: only the server knows whom it finds. */
  isFiltered: boolean;
  /** Begins somewhere in the middle. */
  isLater: boolean;
}

type Event = Parameters<Parameters<Feed["subscribe"]>[0]>[0];

/**
 * Keeps a page of members up to date. While everybody is listed the page can change itself; where somebody may belong elsewhere
 * it is read again. `myUserId` marks the reader's own row.
 */
export function mergeMemberPage(myUserId: string, listing: MemberListing): Merge<MemberPage> {
  return (page, event) => {
    if (!isAboutMembers(event)) return page;
    const isWhole = page.nextCursor === null && !listing.isFiltered && !listing.isLater;
    if (!isWhole) return REFETCH;
    return listed(change(page.items, event, myUserId), listing);
  };
}

function isAboutMembers(event: Event): event is Extract<Event, { type: `member.${string}` }> {
  return MEMBER_EVENTS.has(event.type);
}

const MEMBER_EVENTS = new Set<string>([
  "member.added",
  "member.renamed",
  "member.email_changed",
  "member.role_changed",
  "member.second_factor_changed",
  "member.removed",
]);

function change(items: Member[], event: Event, myUserId: string): Member[] {
  switch (event.type) {
    case "member.added": {
      const others = items.filter(({ userId }) => userId !== event.payload.userId);
      // Whoever comes in has no seat; of whoever is listed already the list knows.
      const { seat = "none" } = items.find(({ userId }) => userId === event.payload.userId) ?? {};
      return [...others, { ...event.payload, seat, isYou: event.payload.userId === myUserId }];
    }
    case "member.role_changed": {
      const { userId, role } = event.payload;
      return items.map((member) => (member.userId === userId ? { ...member, role } : member));
    }
    case "member.renamed": {
      const { userId, name } = event.payload;
      return items.map((member) => (member.userId === userId ? { ...member, name } : member));
    }
    case "member.email_changed": {
      const { userId, email } = event.payload;
      return items.map((member) => (member.userId === userId ? { ...member, email } : member));
    }
    case "member.second_factor_changed": {
      const { userId, hasSecondFactor } = event.payload;
      return items.map((member) => (member.userId === userId ? { ...member, hasSecondFactor } : member));
    }
    case "member.removed":
      return items.filter(({ userId }) => userId !== event.payload.userId);
    default:
      return items;
  }
}

function listed(items: Member[], listing: MemberListing): MemberPage {
  const sorted = [...items].sort(compare(listing));
  const ownerCount = items.filter(({ role }) => role === "owner").length;
  return { items: sorted, nextCursor: null, total: items.length, ownerCount };
}

/** As the server lists them. */
function compare({ sort, order }: MemberListing): (one: Member, other: Member) => number {
  const along = order === "asc" ? 1 : -1;
  const byName = (one: Member, other: Member) =>
    one.name.toLowerCase().localeCompare(other.name.toLowerCase(), "en") || one.userId.localeCompare(other.userId);
  if (sort === "name") return (one, other) => along * byName(one, other);
  if (sort === "joined") {
    return (one, other) =>
      along * (one.joinedAt.localeCompare(other.joinedAt) || one.userId.localeCompare(other.userId));
  }
  return (one, other) => along * (ROLES.indexOf(one.role) - ROLES.indexOf(other.role)) || byName(one, other);
}

/** Puts what was read anew in the place of the rows from where it begins; what was appended behind it stays. */
export function joinMemberPage(shown: MemberPage, found: MemberPage): MemberPage {
  if (shown.items.length <= found.items.length || found.nextCursor === null) return found;
  const fresh = new Set(found.items.map(({ userId }) => userId));
  const behind = shown.items.slice(found.items.length).filter(({ userId }) => !fresh.has(userId));
  return { ...found, items: [...found.items, ...behind], nextCursor: shown.nextCursor };
}
