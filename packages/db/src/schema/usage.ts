import { bigint, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

/** What a model costs from a date on, in micro-credits per million tokens. The newest row not in the future holds. */
export const modelPrices = pgTable(
  "model_prices",
  {
    model: text().notNull(),
    effectiveFrom: timestamp("effective_from", { withTimezone: true }).notNull(),
    inputMicroPerMillion: bigint("input_micro_per_million", { mode: "bigint" }).notNull(),
    outputMicroPerMillion: bigint("output_micro_per_million", { mode: "bigint" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.model, table.effectiveFrom] })],
);

/** One reported use and what it cost. Written in the transaction of its posting. */
export const usageEvents = pgTable(
  "usage_events",
  {
    organizationId: uuid("organization_id").notNull(),
    id: uuid().notNull(),
    occurredAt: timestamp("occurred_at", { withTimezone: true }).notNull(),
    agent: text().notNull(),
    memberId: uuid("member_id"),
    model: text().notNull(),
    inputTokens: bigint("input_tokens", { mode: "bigint" }).notNull(),
    outputTokens: bigint("output_tokens", { mode: "bigint" }).notNull(),
    amountMicro: bigint("amount_micro", { mode: "bigint" }).notNull(),
    postingId: uuid("posting_id"),
    apiKeyId: uuid("api_key_id"),
    /** What was asked, hashed: tells a retry from another request under the same key. */
    fingerprint: uuid().notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.id] })],
);

/** The one correction of a use: a refund of what it cost. Written in the transaction of its posting. */
export const usageReversals = pgTable(
  "usage_reversals",
  {
    organizationId: uuid("organization_id").notNull(),
    usageId: uuid("usage_id").notNull(),
    /** The refund's posting. */
    id: uuid().notNull(),
    reason: text().notNull(),
    actorId: uuid("actor_id"),
    apiKeyId: uuid("api_key_id"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.usageId] })],
);
