import { can, type Role } from "@guildhall/auth";
import { type Database, type Tx, withOrganization } from "@guildhall/db";
import { members, seats, users } from "@guildhall/db/schema";
import { and, count, eq, ilike, or, type SQL, sql } from "drizzle-orm";
import type { OrganizationActor } from "../../trpc/context.ts";
import { afterCursor, cursorOf, type MemberOrder, orderColumns } from "./member-order.ts";
import { hasSeat, isSeatOfMember, type MemberSeat, seatOfMember } from "./member-seat.ts";

/** Which members are looked for. */
export interface MemberFilter {
  /** A part of the name or the e-mail address; wildcards are plain characters. */
  search?: string | undefined;
  role?: Role | undefined;
  seat?: MemberSeat | undefined;
}

/** A page of the roster. */
export interface MemberPage extends MemberFilter, MemberOrder {
  cursor?: string | undefined;
  limit: number;
}

/** The whole roster, owners first and then by name: for choosing somebody. Pages of it are readMemberPage's. */
export async function readMembers(db: Database, actor: OrganizationActor, filter: MemberFilter) {
  const order: MemberOrder = { sort: "role", order: "asc" };
  const rows = await withOrganization(db, actor.organizationId, (tx) => selectMembers(tx, { ...filter, ...order }));
  return rows.map((row) => toMember(row, actor));
}

/**
 * A page of the roster in the wanted order, how many match in all, and how many owners there are: the last one may not go. The
 * cursor is where the page before ended.
 */
export async function readMemberPage(db: Database, actor: OrganizationActor, page: MemberPage) {
  return withOrganization(db, actor.organizationId, async (tx) => {
    const total = await countMembers(tx, page);
    const ownerCount = await countMembers(tx, { role: "owner" });
    const { items, nextCursor } = await selectPage(tx, page);
    return { items: items.map((row) => toMember(row, actor)), nextCursor, total, ownerCount };
  });
}

/** A page as the table has it; also for the export, which needs no total. */
export async function selectPage(tx: Tx, { cursor, limit, ...wanted }: MemberPage) {
  const after = cursor === undefined ? undefined : afterCursor(wanted, cursor);
  const rows = await selectMembers(tx, wanted, { after, limit: limit + 1 });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? cursorOf(wanted, last) : null };
}

type Row = Awaited<ReturnType<typeof selectMembers>>[number];

function toMember({ key: _, joinedAt, hasSecondFactor, ...row }: Row, actor: OrganizationActor) {
  const member = { ...row, joinedAt: joinedAt.toISOString(), isYou: row.userId === actor.userId };
  // Whose account is the easiest to take is for managers to know.
  return { ...member, ...(can(actor.role, "members.change_role") && { hasSecondFactor }) };
}

async function countMembers(tx: Tx, filter: MemberFilter): Promise<number> {
  const [row] = await tx.db
    .select({ total: count() })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .leftJoin(seats, isSeatOfMember)
    .where(matches(tx, filter));
  return row?.total ?? 0;
}

function selectMembers(
  tx: Tx,
  wanted: MemberFilter & MemberOrder,
  part: { after?: SQL | undefined; limit?: number } = {},
) {
  const query = tx.db
    .select({
      userId: users.id,
      name: users.name,
      email: users.email,
      role: members.role,
      seat: seatOfMember,
      joinedAt: members.createdAt,
      hasSecondFactor: sql<boolean>`${users.secondFactorSince} IS NOT NULL`,
      /** As the database compares names: what a cursor has to carry. */
      key: sql<string>`lower(${users.name})`,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .leftJoin(seats, isSeatOfMember)
    .where(and(matches(tx, wanted), part.after))
    .orderBy(...orderColumns(wanted));
  return part.limit === undefined ? query : query.limit(part.limit);
}

function matches(tx: Tx, { search, role, seat }: MemberFilter): SQL | undefined {
  const pattern = search ? `%${search.replace(/[\\%_]/g, "\\$&")}%` : undefined;
  return and(
    eq(members.organizationId, tx.organizationId),
    role && eq(members.role, role),
    seat && hasSeat(seat),
    pattern ? or(ilike(users.name, pattern), ilike(users.email, pattern)) : undefined,
  );
}
