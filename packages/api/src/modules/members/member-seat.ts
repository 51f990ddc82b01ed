import { members, seats } from "@guildhall/db/schema";
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";

/** How it stands with a member's Pro seat: the statuses of a seat, and `none` for whoever has no seat. */
export const memberSeats = ["active", "suspended", "revoked", "none"] as const;
export type MemberSeat = (typeof memberSeats)[number];

/** The column, for a query that joins `seats` on `isSeatOfMember`. */
export const seatOfMember = sql<MemberSeat>`coalesce(${seats.status}, 'none')`;

/** Whose seat it is, for a LEFT JOIN: most members have none. */
export const isSeatOfMember = and(eq(seats.organizationId, members.organizationId), eq(seats.userId, members.userId));

/** The condition that a member's seat stands like this. */
export function hasSeat(seat: MemberSeat): SQL {
  return seat === "none" ? isNull(seats.status) : eq(seats.status, seat);
}
