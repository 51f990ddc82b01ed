import { bigint, customType, jsonb, pgSchema, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

const audit = pgSchema("audit");
const bytes = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });
const scope = () => text({ enum: ["organization", "person"] }).notNull();

/** How long a chain of audit entries is and how it ends. Written only by audit.append. */
export const auditHeads = audit.table("heads", {
  scopeId: uuid("scope_id").primaryKey(),
  scope: scope(),
  sequence: bigint({ mode: "bigint" }).notNull().default(0n),
  hash: bytes().notNull().default(Buffer.alloc(32)),
});

/** Who changed what, from where. A chain per organization and per person: each entry's hash covers the one before it. */
export const auditEntries = audit.table(
  "entries",
  {
    scopeId: uuid("scope_id").notNull(),
    sequence: bigint({ mode: "bigint" }).notNull(),
    scope: scope(),
    action: text().notNull(),
    actorId: uuid("actor_id"),
    actorName: text("actor_name"),
    subjectKind: text("subject_kind").notNull(),
    subjectId: text("subject_id").notNull(),
    subjectLabel: text("subject_label").notNull(),
    before: jsonb().$type<Record<string, unknown>>(),
    after: jsonb().$type<Record<string, unknown>>(),
    address: text(),
    userAgent: text("user_agent"),
    requestId: text("request_id"),
    at: timestamp({ withTimezone: true }).notNull(),
    previousHash: bytes("previous_hash").notNull(),
    hash: bytes().notNull(),
  },
  (table) => [primaryKey({ columns: [table.scopeId, table.sequence] })],
);
