import { bigint, boolean, date, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

/** Who may spend an organization's credits, and how much. No row: whose role or team allows it, without limits. */
export const spendPolicies = pgTable("spend_policies", {
  organizationId: uuid("organization_id").primaryKey(),
  roles: text().array().notNull(),
  teamsMaySpend: boolean("teams_may_spend").notNull(),
  perSpendLimitMicro: bigint("per_spend_limit_micro", { mode: "bigint" }),
  teamMonthlyLimitMicro: bigint("team_monthly_limit_micro", { mode: "bigint" }),
  models: text().array(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
});

/** What a team has spent of the wallet in a calendar month (UTC). Written by admit_spends(), taken back by reversals. */
export const teamSpending = pgTable(
  "team_spending",
  {
    organizationId: uuid("organization_id").notNull(),
    teamId: uuid("team_id").notNull(),
    month: date().notNull(),
    spentMicro: bigint("spent_micro", { mode: "bigint" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.teamId, table.month] })],
);

/** A use that somebody was charged through a team. */
export const teamUses = pgTable(
  "team_uses",
  {
    organizationId: uuid("organization_id").notNull(),
    usageId: uuid("usage_id").notNull(),
    teamId: uuid("team_id").notNull(),
    month: date().notNull(),
    amountMicro: bigint("amount_micro", { mode: "bigint" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.usageId] })],
);

/** For whom a hold was placed, and how much of it counts as spent until it ends. Written by admit_holds(). */
export const holdMembers = pgTable(
  "hold_members",
  {
    organizationId: uuid("organization_id").notNull(),
    holdId: uuid("hold_id").notNull(),
    memberId: uuid("member_id").notNull(),
    model: text(),
    month: date().notNull(),
    reservedMicro: bigint("reserved_micro", { mode: "bigint" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.holdId] })],
);
