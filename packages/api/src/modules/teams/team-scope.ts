import {
  type Database,
  type EnterpriseTx,
  type TransactionScope,
  type Tx,
  withEnterprise,
  withOrganization,
} from "@guildhall/db";
import { enterpriseAdmins, organizations, teams, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, isNull } from "drizzle-orm";
import type { EnterpriseActor } from "../enterprises/index.ts";
import { lockOrganization } from "../organizations/index.ts";

export type Team = typeof teams.$inferSelect;

/** Whoever changes a team as its enterprise. */
type Admin = Pick<EnterpriseActor, "enterpriseId" | "userId">;

/** A team, locked, in a transaction that sees its enterprise, and the organization that it is assigned to. */
export interface TeamScope {
  scope: TransactionScope;
  team: Team;
  /** The same transaction as one of the organization, which is locked; undefined for a team that is assigned to none. */
  tx: Tx | undefined;
}

/** So often a team may be assigned or removed between looking where it is and locking it there. */
const ATTEMPTS = 5;
const MOVED = Symbol("moved");

/**
 * Runs work on a team as its enterprise: in the transaction of the organization that it is assigned to, so that the change stands in
 * that organization's log and waits for its charges; in the enterprise's own for a team that is assigned to none. Locks the
 * organization, then the team, and reads under the locks whether the actor may.
 * @throws not_found, second_factor_required (where it is assigned), overloaded (the team is moved about all the time)
 */
export async function withTeam<T>(
  db: Database,
  { actor, teamId }: { actor: Admin; teamId: string },
  work: (team: TeamScope) => Promise<T>,
): Promise<T> {
  const { enterpriseId } = actor;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const organizationId = await withEnterprise(db, enterpriseId, (tx) => findPlace(tx, teamId));
    const run = async (scope: TransactionScope, tx: Tx | undefined) => {
      const team = await lockTeam(scope, { enterpriseId, teamId });
      if (team.organizationId !== organizationId) return MOVED;
      await assertAdministers(scope, actor);
      if (tx) await assertHasRequiredFactor(tx, actor);
      return work({ scope, team, tx });
    };
    const result =
      organizationId === null
        ? await withEnterprise(db, enterpriseId, (tx) => run(tx, undefined))
        : await withOrganization(db, organizationId, async (tx) => {
            await lockOrganization(tx);
            await tx.sql`SELECT set_config('app.enterprise_id', ${enterpriseId}, true)`;
            return run(tx, tx);
          });
    if (result !== MOVED) return result;
  }
  throw new DomainError("overloaded");
}

/** Reads again, inside the transaction, whether the actor still administers the enterprise. @throws not_found */
export async function assertAdministers(
  { db }: TransactionScope,
  { enterpriseId, userId }: { enterpriseId: string; userId: string },
): Promise<void> {
  const [row] = await db
    .select({ userId: enterpriseAdmins.userId })
    .from(enterpriseAdmins)
    .where(and(eq(enterpriseAdmins.enterpriseId, enterpriseId), eq(enterpriseAdmins.userId, userId)));
  if (!row) throw new DomainError("not_found");
}

/**
 * What an organization requires of its members it requires of the enterprise's admins, too, when they change who may spend from its
 * wallet: a team that is assigned to it. @throws second_factor_required
 */
async function assertHasRequiredFactor({ db, organizationId }: Tx, { userId }: Admin): Promise<void> {
  const [strict] = await db
    .select({ name: organizations.name })
    .from(organizations)
    .innerJoin(users, and(eq(users.id, userId), isNull(users.secondFactorSince)))
    .where(and(eq(organizations.id, organizationId), eq(organizations.requiresSecondFactor, true)));
  if (!strict) return;
  const message = `This team spends for ${strict.name}, which requires a second factor. Set one up under Settings > Security, then try again.`;
  throw new DomainError("second_factor_required", {}, message);
}

async function findPlace(tx: EnterpriseTx, teamId: string): Promise<string | null> {
  const [row] = await tx.db
    .select({ organizationId: teams.organizationId })
    .from(teams)
    .where(and(eq(teams.enterpriseId, tx.enterpriseId), eq(teams.id, teamId)));
  if (!row) throw new DomainError("not_found");
  return row.organizationId;
}

/** Locks one of the enterprise's teams. The transaction has to see the enterprise. @throws not_found */
export async function lockTeam(
  { db }: TransactionScope,
  { enterpriseId, teamId }: { enterpriseId: string; teamId: string },
): Promise<Team> {
  const [team] = await db
    .select()
    .from(teams)
    .where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId)))
    .for("update");
  if (!team) throw new DomainError("not_found");
  return team;
}
