import type { Member } from "~/api/types";
import { ROLES } from "~/organization/roles";
import { type Merge, REFETCH } from "./merge";

/** Keeps the full list of members up to date; `myUserId` marks the reader's own row. */
export function mergeMembers(myUserId: string): Merge<Member[]> {
  return (members, event) => {
    if (event.type === "member.added") {
      const { payload } = event;
      const others = members.filter((member) => member.userId !== payload.userId);
      return [...others, { ...payload, isYou: payload.userId === myUserId }].sort(asListed);
    }
    if (event.type === "member.role_changed") {
      const { userId, role } = event.payload;
      return members.map((member) => (member.userId === userId ? { ...member, role } : member)).sort(asListed);
    }
    if (event.type === "member.renamed") {
      const { userId, name } = event.payload;
      return members.map((member) => (member.userId === userId ? { ...member, name } : member)).sort(asListed);
    }
    if (event.type === "member.email_changed") {
      const { userId, email } = event.payload;
      return members.map((member) => (member.userId === userId ? { ...member, email } : member));
    }
    if (event.type === "member.removed") return members.filter((member) => member.userId !== event.payload.userId);
    return members;
  };
}

/** A list that was searched or filtered: only the server knows whom the search finds. */
export const mergeFoundMembers: Merge<Member[]> = (members, event) =>
  MEMBER_EVENTS.has(event.type) ? REFETCH : members;

const MEMBER_EVENTS = new Set<string>([
  "member.added",
  "member.renamed",
  "member.email_changed",
  "member.role_changed",
  "member.removed",
]);

/** As the server lists them: highest role first, then by name. */
function asListed(one: Member, other: Member): number {
  return (
    ROLES.indexOf(one.role) - ROLES.indexOf(other.role) ||
    one.name.toLowerCase().localeCompare(other.name.toLowerCase(), "en") ||
    one.userId.localeCompare(other.userId)
  );
}
