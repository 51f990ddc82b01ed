import { permissionsOf } from "@guildhall/auth";
import { type Database, withOrganization, withUser } from "@guildhall/db";
import { creditTypes, enterprises, heads, members, organizations, teams } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, asc, eq, ne, sql } from "drizzle-orm";
import type { OrganizationActor } from "../../trpc/context.ts";
import { isReservedSlug, slugCandidate, slugFromName } from "./slug-policy.ts";

const SUGGESTIONS = 20;

/** Every organization that a person belongs to, by name, with their role and its member count (S2.6). */
export async function readMine(db: Database, userId: string) {
  const rows = await withUser(db, userId, (tx) =>
    tx.db
      .select({ organization: organizations, role: members.role })
      .from(organizations)
      .innerJoin(members, and(eq(members.organizationId, organizations.id), eq(members.userId, userId)))
      .where(ne(organizations.status, "pending_deletion"))
      .orderBy(asc(sql`lower(${organizations.name})`), asc(organizations.id)),
  );
  return rows.map(({ organization, role }) => ({
    id: organization.id,
    slug: organization.slug,
    name: organization.name,
    status: organization.status,
    role,
    memberCount: organization.memberCount,
    isSetUp: organization.setupCompletedAt !== null,
  }));
}

/** What the frame and the overview of an organization show, and from where in its log a page has to follow. */
export async function readOrganization(db: Database, actor: OrganizationActor) {
  return withOrganization(db, actor.organizationId, async (tx) => {
    // The head first: what commits after it is seen again through the log, never missed.
    const [head] = await tx.db
      .select({ sequence: heads.sequence })
      .from(heads)
      .where(eq(heads.organizationId, actor.organizationId));
    const [row] = await tx.db
      .select({ organization: organizations, enterpriseName: enterprises.name, creditTypeName: creditTypes.name })
      .from(organizations)
      .innerJoin(enterprises, eq(enterprises.id, organizations.enterpriseId))
      .leftJoin(creditTypes, eq(creditTypes.id, organizations.creditTypeId))
      .where(eq(organizations.id, tx.organizationId));
    if (!row) throw new DomainError("not_found");
    const assigned = await tx.db
      .select({ id: teams.id, name: teams.name })
      .from(teams)
      .where(eq(teams.organizationId, tx.organizationId))
      .orderBy(asc(teams.name));
    const { organization, enterpriseName, creditTypeName } = row;
    return {
      id: organization.id,
      slug: organization.slug,
      name: organization.name,
      status: organization.status,
      role: actor.role,
      permissions: permissionsOf(actor.role),
      memberCount: organization.memberCount,
      isSetUp: organization.setupCompletedAt !== null,
      /** Whether members without a second factor are kept out. */
      requiresSecondFactor: organization.requiresSecondFactor,
      enterpriseName,
      /** Null: the platform's own credits. */
      creditTypeName,
      /** Null: no limit. */
      monthlyAllowanceMicro:
        organization.monthlyAllowanceMicro === null ? null : String(organization.monthlyAllowanceMicro),
      createdAt: organization.createdAt.toISOString(),
      teams: assigned,
      logSequence: (head?.sequence ?? 0n).toString(),
    };
  });
}

/** A free slug for a name, or whether the one that was typed is free. Tells nothing else of other organizations. */
export async function suggestSlug(db: Database, input: { name: string; ownSlug?: string }) {
  const wanted = slugFromName(input.name);
  for (let n = 1; n <= SUGGESTIONS; n += 1) {
    const slug = slugCandidate(wanted, n);
    if (slug === input.ownSlug || (await isSlugFree(db, slug))) return { slug };
  }
  return { slug: wanted };
}

/** Says whether a slug could be taken now. */
export async function isSlugFree(db: Database, slug: string): Promise<boolean> {
  if (isReservedSlug(slug)) return false;
  const [row] = await db.sql<{ taken: boolean }[]>`SELECT is_slug_taken(${slug}) AS taken`;
  return row?.taken === false;
}
