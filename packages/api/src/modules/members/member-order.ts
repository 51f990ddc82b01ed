import { type Role, roles } from "@guildhall/auth";
import { members, users } from "@guildhall/db/schema";
import { DomainError, isUuid } from "@guildhall/shared";
import { asc, desc, type SQL, sql } from "drizzle-orm";

export const memberSorts = ["role", "name", "joined"] as const;
export type MemberSort = (typeof memberSorts)[number];

/** In which order a roster is listed. Each order is total, so that pages meet without a gap. */
export interface MemberOrder {
  sort: MemberSort;
  order: "asc" | "desc";
}

interface Keys {
  userId: string;
  role: Role;
  joinedAt: Date;
  /** The name as it is compared. */
  key: string;
}

const name = sql`lower(${users.name})`;
/** Rank of a role: 1 is the highest. Where the lowest come first it is counted from the other end, so that names stay ascending. */
const rank = ({ order }: MemberOrder) =>
  order === "asc"
    ? sql`array_position(${sql.raw(`ARRAY[${roles.map((role) => `'${role}'`).join(",")}]`)}, ${members.role})`
    : sql`-array_position(${sql.raw(`ARRAY[${roles.map((role) => `'${role}'`).join(",")}]`)}, ${members.role})`;

/** The columns of an order, for ORDER BY. */
export function orderColumns(wanted: MemberOrder): SQL[] {
  const along = wanted.order === "asc" ? asc : desc;
  if (wanted.sort === "name") return [along(name), along(users.id)];
  if (wanted.sort === "joined") return [along(members.createdAt), along(users.id)];
  return [asc(rank(wanted)), asc(name), asc(users.id)];
}

/** The condition that a row comes after the one that the cursor names: one comparison of rows. */
export function afterCursor(wanted: MemberOrder, { userId, role, joinedAt, key }: Keys): SQL {
  const beyond = wanted.order === "asc" ? sql`>` : sql`<`;
  if (wanted.sort === "name") return sql`(${name}, ${users.id}) ${beyond} (${key}::text, ${userId}::uuid)`;
  if (wanted.sort === "joined") {
    return sql`(${members.createdAt}, ${users.id}) ${beyond} (${joinedAt.toISOString()}::timestamptz, ${userId}::uuid)`;
  }
  const position = (roles.indexOf(role) + 1) * (wanted.order === "asc" ? 1 : -1);
  return sql`(${rank(wanted)}, ${name}, ${users.id}) > (${position}::int, ${key}::text, ${userId}::uuid)`;
}

/** Where a page ended, as a text to ask for the next one with. */
export function cursorOf({ sort, order }: MemberOrder, { userId, role, joinedAt, key }: Keys): string {
  const at = joinedAt.toISOString();
  return Buffer.from(JSON.stringify([sort, order, userId, role, at, key])).toString("base64url");
}

/** Reads such a text. @throws invalid_input, also for the cursor of another order */
export function readCursor({ sort, order }: MemberOrder, cursor: string): Keys {
  const parts = parse(cursor);
  const [ofSort, ofOrder, userId, role, at, key] = parts.map(String);
  const joinedAt = new Date(at ?? "");
  const knownRole = roles.find((one) => one === role);
  const isRight = parts.length === 6 && ofSort === sort && ofOrder === order && isUuid(userId ?? "");
  if (!isRight || !knownRole || Number.isNaN(joinedAt.getTime())) {
    throw new DomainError("invalid_input", { field: "cursor" }, "This is not the cursor of a page in this order.");
  }
  return { userId: userId ?? "", role: knownRole, joinedAt, key: key ?? "" };
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : [];
  } catch {
    return []; // Not of ours: told as what it is by the caller.
  }
}
