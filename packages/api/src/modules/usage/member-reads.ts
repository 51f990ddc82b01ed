import { type Database, type Tx, withOrganization } from "@guildhall/db";
import { memberSpending, members, organizations, users } from "@guildhall/db/schema";
import { isUuid } from "@guildhall/shared";
import { and, eq, inArray, isNotNull, or, sql } from "drizzle-orm";
import { BatchedReads } from "../../batched-reads.ts";
import type { Services } from "../../trpc/context.ts";
import { monthOf, type SpendingFacts } from "../allowances/index.ts";
import { firstTeamOf, readSpendPolicy, type SpenderFacts, type SpendPolicy } from "../spend-policy/index.ts";

/** For whom an agent worked: by what right they spend, and what they have spent this month against the allowance. */
export interface UsageMember extends SpendingFacts {
  id: string;
  name: string;
  policy: SpendPolicy;
  spender: SpenderFacts;
}

/**
 * Makes the look-up of people by e-mail or id, inside one organization: its members and those in its teams. Nobody else can be
 * named.
 */
export function createMemberReads({ db, clock }: Pick<Services, "db" | "clock">): BatchedReads<UsageMember> {
  return new BatchedReads({
    readMany: async (organizationId, named) => {
      const rows = await readMembers(db, organizationId, { named, month: monthOf(clock.now()) });
      return new Map(rows.flatMap(({ email, ...member }) => [[member.id, member] as const, [email, member] as const]));
    },
  });
}

async function readMembers(db: Database, organizationId: string, { named, month }: { named: string[]; month: string }) {
  const [rows, policy] = await withOrganization(db, organizationId, (tx) =>
    Promise.all([selectMembers(tx, { named, month }), readSpendPolicy(tx)]),
  );
  return rows.map(({ role, teamId, teamSpentMicro, spentMicro, ...row }) => ({
    ...row,
    policy,
    spentMicro: spentMicro ?? 0n,
    spender: { role, isInTeam: teamId !== null, teamSpentMicro: teamSpentMicro ?? 0n },
  }));
}

function selectMembers(tx: Tx, { named, month }: { named: string[]; month: string }) {
  const team = firstTeamOf(tx, { userId: users.id, month });
  return tx.db
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      role: members.role,
      teamId: team.teamId,
      teamSpentMicro: team.spentMicro,
      allowanceMicro: organizations.monthlyAllowanceMicro,
      spentMicro: memberSpending.spentMicro,
    })
    .from(users)
    .innerJoin(organizations, eq(organizations.id, tx.organizationId))
    .leftJoin(members, and(eq(members.organizationId, tx.organizationId), eq(members.userId, users.id)))
    .leftJoinLateral(team, sql`true`)
    .leftJoin(
      memberSpending,
      and(
        eq(memberSpending.organizationId, tx.organizationId),
        eq(memberSpending.memberId, users.id),
        eq(memberSpending.month, month),
      ),
    )
    .where(
      and(
        or(inArray(users.email, named), inArray(users.id, named.filter(isUuid))),
        or(isNotNull(members.userId), isNotNull(team.teamId)),
      ),
    );
}
