import { type Database, withOrganizationsOfUser, withUser } from "@guildhall/db";
import { members, organizations } from "@guildhall/db/schema";
import { asc, eq, sql } from "drizzle-orm";
import { readAdministeredAlone } from "../enterprises/index.ts";
import { decideLeaving, readRosterPart } from "../members/index.ts";

/**
 * What deleting the account would end: each organization with the person's role, and whether they are its only owner; and the
 * enterprises that would be left without an admin.
 */
export async function readAccountDeletion(db: Database, userId: string) {
  const mine = await withUser(db, userId, (tx) =>
    tx.db
      .select({
        id: organizations.id,
        slug: organizations.slug,
        name: organizations.name,
        role: members.role,
        memberCount: organizations.memberCount,
      })
      .from(members)
      .innerJoin(organizations, eq(organizations.id, members.organizationId))
      .where(eq(members.userId, userId))
      .orderBy(asc(sql`lower(${organizations.name})`), asc(organizations.id)),
  );
  const ownedAlone = new Set<string>();
  const organizationIds = mine.filter(({ role }) => role === "owner").map(({ id }) => id);
  const enterprises = await withOrganizationsOfUser(
    db,
    { userId, organizationIds },
    async (person, eachOrganization) => {
      await eachOrganization(async (tx) => {
        const roster = await readRosterPart(tx, [userId]);
        if (!decideLeaving(roster.factsAbout(userId, userId)).ok) ownedAlone.add(tx.organizationId);
      });
      return readAdministeredAlone(person, userId);
    },
  );
  return { organizations: mine.map(({ id, ...row }) => ({ ...row, isLastOwner: ownedAlone.has(id) })), enterprises };
}
