import { createPasswordHasher } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { newId } from "@guildhall/shared";
import { onTestFinished } from "vitest";
import { readCapturedMail } from "../../../testing/captured-mail.ts";
import { givenServices, givenUser } from "../../../testing/given.ts";
import type { Services, User } from "../../../trpc/context.ts";

const passwords = createPasswordHasher({ cost: { memoryKib: 64, passes: 1, lanes: 1 } });

/** Services whose clock is moved by hand. */
export function givenInviting(db: Database, replaced: Partial<Services> = {}) {
  let nowMs = Date.parse("2026-11-22T10:00:00Z");
  const clock = { now: () => new Date(nowMs) };
  const services = givenServices(db, { clock, passwords, ...replaced });
  onTestFinished(() => services.stop());
  return {
    services,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

/** An address that nobody has. */
export function freshAddress(): string {
  return `${newId()}@example.com`;
}

/** A person who has proved that their address is theirs. */
export async function givenVerified(db: Database, name?: string): Promise<User> {
  const user = await givenUser(db, name);
  await db.sql`UPDATE users SET email_verified_at = created_at WHERE id = ${user.id}`;
  return user;
}

/** Says whether a person's address counts as proved. */
export async function isVerified(db: Database, email: string): Promise<boolean> {
  const [row] = await db.sql<{ at: Date | null }[]>`SELECT email_verified_at AS at FROM users WHERE email = ${email}`;
  return row?.at != null;
}

/** The tokens of the invites that were mailed to an address, oldest first. */
export async function mailedTokens(db: Database, email: string): Promise<string[]> {
  const mails = await readCapturedMail(db, email);
  return mails.flatMap(({ mail }) => (mail.template === "invite" ? [mail.url.split("/").at(-1) ?? ""] : []));
}

/** From where somebody signs up. */
export const caller = {
  ...{ address: "192.0.2.1", userAgent: "Browser/1.0", sessionId: null },
  origin: { address: "192.0.2.1", userAgent: "Browser/1.0", requestId: "request-1" },
};
