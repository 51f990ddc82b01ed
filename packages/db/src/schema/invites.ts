import { customType, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
const at = (name: string) => timestamp(name, { withTimezone: true });

/** An invitation to an address. Open until it is accepted, declined or revoked; it also ends by its expiry. */
export const invites = pgTable(
  "invites",
  {
    organizationId: uuid("organization_id").notNull(),
    id: uuid().notNull(),
    email: text().notNull(),
    role: text({ enum: ["owner", "admin", "billing_admin", "member"] }).notNull(),
    /** Whoever sent it last: their right to give the role is what it stands on. */
    invitedBy: uuid("invited_by").notNull(),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    acceptedAt: at("accepted_at"),
    acceptedBy: uuid("accepted_by"),
    revokedAt: at("revoked_at"),
    /** Which of its links are the valid ones: each sending makes new ones. */
    generation: integer().notNull().default(1),
    sentAt: at("sent_at").notNull(),
    declinedAt: at("declined_at"),
    /** Since when whoever sent it last could not give its role any more; null again once it is resent. Set by the roster's trigger. */
    inviterLostAt: at("inviter_lost_at"),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);

/** The links of one sending: one to hand over, one that only the mail carries. SHA-256 of their tokens. */
export const inviteLinks = pgTable(
  "invite_links",
  {
    organizationId: uuid("organization_id").notNull(),
    inviteId: uuid("invite_id").notNull(),
    generation: integer().notNull(),
    tokenHash: bytes("token_hash").notNull(),
    /** Null where no mail was sent. */
    mailedTokenHash: bytes("mailed_token_hash"),
    issuedBy: uuid("issued_by").notNull(),
    issuedAt: at("issued_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.inviteId, table.generation] })],
);

/** A list of invites that was sent in one go, under the key of its request. */
export const inviteBatches = pgTable(
  "invite_batches",
  {
    organizationId: uuid("organization_id").notNull(),
    sentBy: uuid("sent_by").notNull(),
    idempotencyKey: text("idempotency_key").notNull(),
    fingerprint: text().notNull(),
    results: jsonb().notNull(),
    createdAt: at("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.sentBy, table.idempotencyKey] })],
);
