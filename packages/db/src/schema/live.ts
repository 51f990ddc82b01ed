import { bigint, jsonb, pgSchema, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

const live = pgSchema("live");

/** How far an organization's log has come. Written only by live.append_events, locked last in a transaction. */
export const heads = live.table("heads", {
  organizationId: uuid("organization_id").primaryKey(),
  sequence: bigint({ mode: "bigint" }).notNull().default(0n),
});

/** The log of an organization. `audience` null means every member, else only the named roles. */
export const events = live.table(
  "events",
  {
    organizationId: uuid("organization_id").notNull(),
    sequence: bigint({ mode: "bigint" }).notNull(),
    type: text().notNull(),
    audience: text().array(),
    payload: jsonb().notNull(),
    actorId: uuid("actor_id"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.sequence] })],
);
