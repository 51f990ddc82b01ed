import type { Role } from "@guildhall/auth";
import { type Database, withOrganization } from "@guildhall/db";
import { members, users } from "@guildhall/db/schema";
import { and, asc, eq, ilike, or, sql } from "drizzle-orm";
import type { OrganizationActor } from "../../trpc/context.ts";

/** The roster, owners first and then by name, optionally only of one role or matching a part of name or e-mail. */
export async function readMembers(
  db: Database,
  actor: OrganizationActor,
  filter: { search?: string | undefined; role?: Role | undefined },
) {
  const pattern = filter.search ? `%${filter.search.replace(/[\\%_]/g, "\\$&")}%` : undefined;
  const rows = await withOrganization(db, actor.organizationId, (tx) =>
    tx.db
      .select({
        userId: users.id,
        name: users.name,
        email: users.email,
        role: members.role,
        joinedAt: members.createdAt,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(
        and(
          eq(members.organizationId, tx.organizationId),
          filter.role && eq(members.role, filter.role),
          pattern ? or(ilike(users.name, pattern), ilike(users.email, pattern)) : undefined,
        ),
      )
      .orderBy(
        sql`array_position(ARRAY['owner', 'admin', 'billing_admin', 'member'], ${members.role})`,
        asc(sql`lower(${users.name})`),
        asc(users.id),
      ),
  );
  return rows.map((row) => ({ ...row, joinedAt: row.joinedAt.toISOString(), isYou: row.userId === actor.userId }));
}
