import { integer, pgSchema, text, timestamp, uuid } from "drizzle-orm/pg-core";

const mail = pgSchema("mail");

/** What is to be sent, was sent, or could not be: one row per cause, for ever. The content is sealed and erased at the end. */
export const outbox = mail.table("outbox", {
  id: uuid().primaryKey(),
  cause: text().notNull(),
  sealed: text(),
  attempts: integer().notNull().default(0),
  dueAt: timestamp("due_at", { withTimezone: true }),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  sentAt: timestamp("sent_at", { withTimezone: true }),
  failedAt: timestamp("failed_at", { withTimezone: true }),
  failure: text(),
});

/** Mail that is kept for reading instead of sent. */
export const capturedMail = mail.table("captured", {
  id: uuid().primaryKey(),
  recipient: text().notNull(),
  subject: text().notNull(),
  textBody: text("text_body").notNull(),
  htmlBody: text("html_body").notNull(),
  capturedAt: timestamp("captured_at", { withTimezone: true }).notNull(),
});
