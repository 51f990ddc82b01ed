import { type Role, roles } from "@guildhall/auth";
import { members, users } from "@guildhall/db/schema";
import { asc, desc, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { cursorPart, readCursor, writeCursor } from "../../keyset-cursor.ts";

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

/**
 * The condition that a row comes after the one that the cursor names: one comparison of rows.
 * @throws invalid_input, also for the cursor of another order
 */
export function afterCursor(wanted: MemberOrder, cursor: string): SQL {
  const { userId, role, joinedAt, key } = readPlace(wanted, cursor);
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
  return writeCursor([sort, order, userId, role, joinedAt, key]);
}

function readPlace({ sort, order }: MemberOrder, cursor: string): Keys {
  const { id, time, text } = cursorPart;
  const place = z.tuple([z.literal(sort), z.literal(order), id, z.enum(roles), time, text]);
  const [, , userId, role, joinedAt, key] = readCursor(place, cursor);
  return { userId, role, joinedAt, key };
}
