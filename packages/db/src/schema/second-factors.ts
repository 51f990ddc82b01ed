import { bigint, boolean, customType, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
const time = (name: string) => timestamp(name, { withTimezone: true });
const userId = () => uuid("user_id");

/** A person's app for one-time codes. Only steps of time after `lastStep` are taken: no code counts twice. */
export const totpFactors = pgTable("totp_factors", {
  userId: userId().primaryKey(),
  sealedSecret: text("sealed_secret").notNull(),
  lastStep: bigint("last_step", { mode: "number" }).notNull(),
  createdAt: time("created_at").notNull(),
  lastUsedAt: time("last_used_at"),
});

/** A secret that is being set up, in one session. */
export const totpSetups = pgTable("totp_setups", {
  userId: userId().primaryKey(),
  sessionId: text("session_id").notNull(),
  sealedSecret: text("sealed_secret").notNull(),
  expiresAt: time("expires_at").notNull(),
});

/** A passkey: the public half of a key that an authenticator keeps. */
export const passkeys = pgTable("passkeys", {
  id: uuid().primaryKey(),
  userId: userId().notNull(),
  credentialId: text("credential_id").notNull(),
  publicKey: bytes("public_key").notNull(),
  counter: bigint({ mode: "number" }).notNull(),
  transports: text().array().notNull(),
  isSynced: boolean("is_synced").notNull(),
  name: text().notNull(),
  createdAt: time("created_at").notNull(),
  lastUsedAt: time("last_used_at"),
});

/** A code for the day on which all factors are lost. Only its hash is kept. */
export const recoveryCodes = pgTable(
  "recovery_codes",
  {
    userId: userId().notNull(),
    codeHash: bytes("code_hash").notNull(),
    createdAt: time("created_at").notNull(),
    usedAt: time("used_at"),
  },
  (table) => [primaryKey({ columns: [table.userId, table.codeHash] })],
);

/** How many guesses at a person's factor were made lately, as one time. */
export const factorAttempts = pgTable("factor_attempts", {
  userId: userId().primaryKey(),
  forgottenAt: time("forgotten_at").notNull(),
});

/** A sign-in that still lacks a factor. The id is the SHA-256 of its token, in hex. */
export const pendingSignIns = pgTable("pending_sign_ins", {
  id: text().primaryKey(),
  userId: userId(),
  createdAt: time("created_at").notNull(),
  expiresAt: time("expires_at").notNull(),
});

/** What a passkey has to sign, for one session or pending sign-in. */
export const passkeyChallenges = pgTable(
  "passkey_challenges",
  {
    holder: text().notNull(),
    purpose: text({ enum: ["add", "confirm", "sign_in"] }).notNull(),
    challenge: text().notNull(),
    expiresAt: time("expires_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.holder, table.purpose] })],
);
