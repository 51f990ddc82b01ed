import { type Database, type Tx, withOrganization, withUser } from "@guildhall/db";
import { spendPolicies, teamMembers, teamSpending, teams } from "@guildhall/db/schema";
import { and, asc, type Column, eq } from "drizzle-orm";
import type { OrganizationActor } from "../../trpc/context.ts";
import { defaultSpendPolicy, type SpendPolicy, wayToSpend } from "./spend-policy.ts";

/** The spend policy of the transaction's organization. */
export async function readSpendPolicy(tx: Tx): Promise<SpendPolicy> {
  const [row] = await tx.db.select().from(spendPolicies).where(eq(spendPolicies.organizationId, tx.organizationId));
  if (!row) return defaultSpendPolicy;
  const { roles, teamsMaySpend, perSpendLimitMicro, teamMonthlyLimitMicro, models } = row;
  return { roles: roles as SpendPolicy["roles"], teamsMaySpend, perSpendLimitMicro, teamMonthlyLimitMicro, models };
}

/** The assigned team that a person spends through, the one assigned first, with what it has spent in the month: for a lateral join. */
export function firstTeamOf(tx: Tx, { userId, month }: { userId: Column; month: string }) {
  return tx.db
    .select({ teamId: teams.id, spentMicro: teamSpending.spentMicro })
    .from(teams)
    .innerJoin(
      teamMembers,
      and(
        eq(teamMembers.enterpriseId, teams.enterpriseId),
        eq(teamMembers.teamId, teams.id),
        eq(teamMembers.userId, userId),
      ),
    )
    .leftJoin(
      teamSpending,
      and(
        eq(teamSpending.organizationId, tx.organizationId),
        eq(teamSpending.teamId, teams.id),
        eq(teamSpending.month, month),
      ),
    )
    .where(eq(teams.organizationId, tx.organizationId))
    .orderBy(asc(teams.assignedAt), asc(teams.id))
    .limit(1)
    .as("first_team");
}

/** The policy as pages show it, and whether the reader may spend under it. */
export async function readPolicyOf(db: Database, actor: Pick<OrganizationActor, "organizationId" | "userId" | "role">) {
  return withOrganization(db, actor.organizationId, async (tx) => {
    const policy = await readSpendPolicy(tx);
    const mine = await tx.db
      .select({ teamName: teams.name })
      .from(teams)
      .innerJoin(teamMembers, and(eq(teamMembers.enterpriseId, teams.enterpriseId), eq(teamMembers.teamId, teams.id)))
      .where(and(eq(teams.organizationId, tx.organizationId), eq(teamMembers.userId, actor.userId)))
      .orderBy(asc(teams.assignedAt), asc(teams.id));
    return { ...toWirePolicy(policy), you: describeWay(policy, { role: actor.role, teamName: mine[0]?.teamName }) };
  });
}

/** A policy on the wire: amounts are decimal texts of micro-credits. */
export function toWirePolicy({ perSpendLimitMicro, teamMonthlyLimitMicro, ...policy }: SpendPolicy) {
  return {
    roles: [...policy.roles],
    teamsMaySpend: policy.teamsMaySpend,
    models: policy.models && [...policy.models],
    perSpendLimitMicro: textOf(perSpendLimitMicro),
    teamMonthlyLimitMicro: textOf(teamMonthlyLimitMicro),
  };
}

interface WayRow {
  organizationId: string | null;
  organizationName: string | null;
  status: string | null;
  role: OrganizationActor["role"] | null;
  teamId: string | null;
  teamName: string | null;
  enterpriseName: string | null;
  roles: SpendPolicy["roles"] | null;
  teamsMaySpend: boolean;
}

/**
 * By which roles and teams a person may spend which organizations' credits, and if not, why not (S2.17, S2.19). Of organizations that
 * they are no member of, it tells the name.
 */
export async function readWaysToSpend(db: Database, userId: string) {
  const rows = await withUser(
    db,
    userId,
    (tx) => tx.sql<WayRow[]>`
    SELECT organization_id AS "organizationId", organization_name AS "organizationName", status, role, team_id AS "teamId",
           team_name AS "teamName", enterprise_name AS "enterpriseName", roles, teams_may_spend AS "teamsMaySpend"
      FROM ways_to_spend() ORDER BY lower(organization_name), role NULLS LAST, lower(team_name)`,
  );
  return rows.map(({ roles, teamsMaySpend, ...row }) => ({
    ...row,
    refusal: refusalOf({ ...row, roles, teamsMaySpend }),
  }));
}

/** Null: this way is open. */
function refusalOf({ organizationId, status, role, roles, teamsMaySpend }: WayRow): string | null {
  if (organizationId === null) return "unassigned";
  if (status !== "active") return "organization_inactive";
  const policy = { roles: roles ?? defaultSpendPolicy.roles, teamsMaySpend };
  const way = wayToSpend(policy, { role, isInTeam: role === null });
  return typeof way === "object" ? way.refusal : null;
}

function describeWay(policy: SpendPolicy, you: { role: OrganizationActor["role"]; teamName: string | undefined }) {
  const way = wayToSpend(policy, { role: you.role, isInTeam: you.teamName !== undefined });
  if (typeof way === "object") return { maySpend: false, throughTeam: null };
  return { maySpend: true, throughTeam: way === "team" ? (you.teamName ?? null) : null };
}

function textOf(amountMicro: bigint | null): string | null {
  return amountMicro === null ? null : String(amountMicro);
}
