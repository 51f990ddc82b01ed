import { type Database, type Tx, withOrganization } from "@guildhall/db";
import { memberSpending, organizations } from "@guildhall/db/schema";
import { and, eq, inArray } from "drizzle-orm";
import { monthOf, remainingMicro, type SpendingFacts } from "./allowance-policy.ts";

/** What members have spent this month against the organization's allowance, by member. Absent members spent nothing. */
export async function readSpending(
  tx: Tx,
  memberIds: readonly string[],
  now: Date,
): Promise<{ allowanceMicro: bigint | null; spentMicro: Map<string, bigint> }> {
  const [organization] = await tx.db
    .select({ allowanceMicro: organizations.monthlyAllowanceMicro })
    .from(organizations)
    .where(eq(organizations.id, tx.organizationId));
  const rows = await tx.db
    .select({ memberId: memberSpending.memberId, spentMicro: memberSpending.spentMicro })
    .from(memberSpending)
    .where(
      and(
        eq(memberSpending.organizationId, tx.organizationId),
        inArray(memberSpending.memberId, [...memberIds]),
        eq(memberSpending.month, monthOf(now)),
      ),
    );
  return {
    allowanceMicro: organization?.allowanceMicro ?? null,
    spentMicro: new Map(rows.map((row) => [row.memberId, row.spentMicro])),
  };
}

/** One member's allowance as their page shows it. The month is a calendar month in UTC, and says so. */
export async function readAllowance(db: Database, of: { organizationId: string; userId: string }, now: Date) {
  const facts = await withOrganization(db, of.organizationId, async (tx): Promise<SpendingFacts> => {
    const { allowanceMicro, spentMicro } = await readSpending(tx, [of.userId], now);
    return { allowanceMicro, spentMicro: spentMicro.get(of.userId) ?? 0n };
  });
  return {
    month: monthOf(now).slice(0, 7),
    timeZone: "UTC",
    allowanceMicro: textOf(facts.allowanceMicro),
    spentMicro: String(facts.spentMicro),
    remainingMicro: textOf(remainingMicro(facts)),
  };
}

function textOf(amountMicro: bigint | null): string | null {
  return amountMicro === null ? null : String(amountMicro);
}
