import { type Database, withOrganization } from "@guildhall/db";
import { memberSpending, members, organizations, users } from "@guildhall/db/schema";
import { isUuid } from "@guildhall/shared";
import { and, eq, inArray, or } from "drizzle-orm";
import { BatchedReads } from "../../batched-reads.ts";
import type { Services } from "../../trpc/context.ts";
import { monthOf, type SpendingFacts } from "../allowances/index.ts";

/** For whom an agent worked, and what they have spent this month against the organization's allowance. */
export interface UsageMember extends SpendingFacts {
  id: string;
  name: string;
}

/** Makes the look-up of members by e-mail or id, inside one organization: nobody else can be named. */
export function createMemberReads({ db, clock }: Pick<Services, "db" | "clock">): BatchedReads<UsageMember> {
  return new BatchedReads({
    readMany: async (organizationId, named) => {
      const rows = await readMembers(db, organizationId, { named, month: monthOf(clock.now()) });
      return new Map(rows.flatMap(({ email, ...member }) => [[member.id, member] as const, [email, member] as const]));
    },
  });
}

async function readMembers(db: Database, organizationId: string, { named, month }: { named: string[]; month: string }) {
  const rows = await withOrganization(db, organizationId, (tx) =>
    tx.db
      .select({
        id: users.id,
        name: users.name,
        email: users.email,
        allowanceMicro: organizations.monthlyAllowanceMicro,
        spentMicro: memberSpending.spentMicro,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .innerJoin(organizations, eq(organizations.id, members.organizationId))
      .leftJoin(
        memberSpending,
        and(
          eq(memberSpending.organizationId, members.organizationId),
          eq(memberSpending.memberId, members.userId),
          eq(memberSpending.month, month),
        ),
      )
      .where(
        and(
          eq(members.organizationId, organizationId),
          or(inArray(users.email, named), inArray(users.id, named.filter(isUuid))),
        ),
      ),
  );
  return rows.map((row) => ({ ...row, spentMicro: row.spentMicro ?? 0n }));
}
