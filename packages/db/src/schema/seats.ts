import { pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

/** Pro seats. A member without a row has none; a seat goes with the membership. */
export const seats = pgTable(
  "seats",
  {
    organizationId: uuid("organization_id").notNull(),
    userId: uuid("user_id").notNull(),
    status: text({ enum: ["active", "suspended", "revoked"] }).notNull(),
    assignedAt: timestamp("assigned_at", { withTimezone: true }).notNull(),
    /** When it came to have its status. */
    changedAt: timestamp("changed_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.userId] })],
);
