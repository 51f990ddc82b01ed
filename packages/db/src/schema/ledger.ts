import { bigint, jsonb, pgSchema, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

const ledger = pgSchema("ledger");
const micro = (name: string) => bigint(name, { mode: "bigint" }).notNull();
const counted = (name: string) => micro(name).default(0n);

/** The accounts of an organization or person: the wallet and its counter accounts. Written only by ledger.* functions. */
export const books = ledger.table("books", {
  bookId: uuid("book_id").primaryKey(),
  creditTypeId: uuid("credit_type_id"),
  floorMicro: counted("floor_micro"),
  walletMicro: counted("wallet_micro"),
  walletSequence: counted("wallet_sequence"),
  heldMicro: counted("held_micro"),
  heldSequence: counted("held_sequence"),
  consumedMicro: counted("consumed_micro"),
  consumedSequence: counted("consumed_sequence"),
  topUpsMicro: counted("top_ups_micro"),
  topUpsSequence: counted("top_ups_sequence"),
  adjustmentsMicro: counted("adjustments_micro"),
  adjustmentsSequence: counted("adjustments_sequence"),
  expiredMicro: counted("expired_micro"),
  expiredSequence: counted("expired_sequence"),
  transfersMicro: counted("transfers_micro"),
  transfersSequence: counted("transfers_sequence"),
  /** Null until the book has its first lot. */
  lotsMicro: bigint("lots_micro", { mode: "bigint" }),
  latestKey: uuid("latest_key"),
  latestKeySequence: bigint("latest_key_sequence", { mode: "bigint" }),
});

/** Double entry: the wallet's leg is +amount, the counter account's is −amount. Written only by ledger.* functions. */
export const postings = ledger.table(
  "postings",
  {
    bookId: uuid("book_id").notNull(),
    sequence: micro("sequence"),
    id: uuid().notNull(),
    postedAt: timestamp("posted_at", { withTimezone: true }).notNull(),
    amountMicro: micro("amount_micro"),
    balanceAfterMicro: micro("balance_after_micro"),
    counterSequence: micro("counter_sequence"),
    counterAfterMicro: micro("counter_after_micro"),
    kind: text().notNull(),
    counter: text().notNull(),
    fingerprint: uuid(),
    actorId: uuid("actor_id"),
    description: text().notNull(),
    attributes: jsonb().$type<Record<string, string | number>>(),
    /** The hold that it opens, settles or releases, or the lot that expired. */
    referenceId: uuid("reference_id"),
    otherBookId: uuid("other_book_id"),
  },
  (table) => [primaryKey({ columns: [table.bookId, table.sequence] })],
);

/** Reserved credits. Written only by ledger.* functions. */
export const holds = ledger.table(
  "holds",
  {
    bookId: uuid("book_id").notNull(),
    holdId: uuid("hold_id").notNull(),
    sequence: micro("sequence"),
    amountMicro: micro("amount_micro"),
    toleranceMicro: counted("tolerance_micro"),
    expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
    state: text({ enum: ["open", "settled", "released", "expired"] })
      .notNull()
      .default("open"),
    settledMicro: counted("settled_micro"),
    closedAt: timestamp("closed_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.bookId, table.holdId] })],
);

/** Credits with a source or an end of their own. Written only by ledger.* functions. */
export const lots = ledger.table(
  "lots",
  {
    bookId: uuid("book_id").notNull(),
    lotId: uuid("lot_id").notNull(),
    sequence: micro("sequence"),
    kind: text({ enum: ["promotional", "paid"] }).notNull(),
    grantedMicro: micro("granted_micro"),
    remainingMicro: micro("remaining_micro"),
    expiresAt: timestamp("expires_at", { withTimezone: true }),
    grantedAt: timestamp("granted_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.bookId, table.lotId] })],
);

/** Which lots a posting burned. Written only by ledger.* functions. */
export const burns = ledger.table(
  "burns",
  {
    bookId: uuid("book_id").notNull(),
    sequence: micro("sequence"),
    lotId: uuid("lot_id").notNull(),
    amountMicro: micro("amount_micro"),
  },
  (table) => [primaryKey({ columns: [table.bookId, table.sequence, table.lotId] })],
);
