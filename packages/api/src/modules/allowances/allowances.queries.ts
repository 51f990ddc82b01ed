import { type Database, withOrganization } from "@guildhall/db";
import { memberSpending, organizations } from "@guildhall/db/schema";
import { and, eq } from "drizzle-orm";
import { monthOf, remainingMicro } from "./allowance-policy.ts";

/** One member's allowance as their page shows it. The month is a calendar month in UTC, and says so. */
export async function readAllowance(db: Database, of: { organizationId: string; userId: string }, now: Date) {
  const [row] = await withOrganization(db, of.organizationId, (tx) =>
    tx.db
      .select({ allowanceMicro: organizations.monthlyAllowanceMicro, spentMicro: memberSpending.spentMicro })
      .from(organizations)
      .leftJoin(
        memberSpending,
        and(
          eq(memberSpending.organizationId, organizations.id),
          eq(memberSpending.memberId, of.userId),
          eq(memberSpending.month, monthOf(now)),
        ),
      )
      .where(eq(organizations.id, of.organizationId)),
  );
  const facts = { allowanceMicro: row?.allowanceMicro ?? null, spentMicro: row?.spentMicro ?? 0n };
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
