import { boolean, customType, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });

/** A person. Belongs to nobody but themselves: organizations refer to users, they never own them. */
export const users = pgTable("users", {
  id: uuid().primaryKey(),
  email: text().notNull(),
  name: text().notNull(),
  passwordHash: text("password_hash").notNull(),
  emailVerifiedAt: timestamp("email_verified_at", { withTimezone: true }),
  isPlatformAdmin: boolean("is_platform_admin").notNull().default(false),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  /** Set once the person has deleted the account: the row then holds nothing of them. */
  deletedAt: timestamp("deleted_at", { withTimezone: true }),
  /** Since when the person has had a second factor without a break; null: has none. */
  secondFactorSince: timestamp("second_factor_since", { withTimezone: true }),
});

/** A signed-in device. The id is the SHA-256 of its token, in hex. */
export const sessions = pgTable("sessions", {
  id: text().primaryKey(),
  userId: uuid("user_id").notNull(),
  expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
  absoluteExpiresAt: timestamp("absolute_expires_at", { withTimezone: true }).notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  lastUsedAt: timestamp("last_used_at", { withTimezone: true }).notNull(),
  address: text(),
  userAgent: text("user_agent"),
  /** When the person last proved in it that it is them. */
  confirmedAt: timestamp("confirmed_at", { withTimezone: true }).notNull(),
});

/** What a person proves by following a link that came by mail. The key is the SHA-256 of the token. */
export const identityTokens = pgTable("identity_tokens", {
  tokenHash: bytes("token_hash").primaryKey(),
  userId: uuid("user_id").notNull(),
  purpose: text({ enum: ["verify_email", "reset_password", "change_email"] }).notNull(),
  /** The address it was sent to: it proves that one and no other. */
  email: text().notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
  usedAt: timestamp("used_at", { withTimezone: true }),
});

/** One text sealed with the portal's key, which tells a server with another key that it has the wrong one. */
export const sealingCheck = pgTable("sealing_check", {
  isOnly: boolean("is_only").primaryKey().default(true),
  sealed: text().notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
});
