import { pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

const moment = (name: string) => timestamp(name, { withTimezone: true });

/** An owner's offer to a member to become an owner. At most one is open (`outcome` null) per organization. */
export const ownershipOffers = pgTable(
  "ownership_offers",
  {
    organizationId: uuid("organization_id").notNull(),
    id: uuid().notNull(),
    fromUserId: uuid("from_user_id").notNull(),
    toUserId: uuid("to_user_id").notNull(),
    /** What the giver is once it is accepted. */
    giverBecomes: text("giver_becomes", { enum: ["owner", "admin"] }).notNull(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    /** `void` is written by a trigger when the roster took away what the offer stood on. */
    outcome: text({ enum: ["accepted", "declined", "revoked", "expired", "void"] }),
    closedAt: moment("closed_at"),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);
