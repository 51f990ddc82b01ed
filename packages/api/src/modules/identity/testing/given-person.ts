import { createPasswordHasher } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { newId } from "@guildhall/shared";
import { onTestFinished } from "vitest";
import { type CapturedMail, readCapturedMail } from "../../../testing/captured-mail.ts";
import { givenServices, givenUser } from "../../../testing/given.ts";
import type { CallingUser, Origin, Services } from "../../../trpc/context.ts";

/** What everybody's password is before a test changes it. */
export const OLD_PASSWORD = "a quiet harbour at dawn";

/** From where calls come. */
export const origin: Origin = { address: "192.0.2.7", userAgent: "Browser/1.0", requestId: "request-1" };

const passwords = createPasswordHasher({ cost: { memoryKib: 64, passes: 1, lanes: 1 } });

/** Services with a clock that is moved by hand, and people who can prove who they are. */
export function givenPortal(db: Database, replaced: Partial<Services> = {}) {
  let now = new Date("2026-11-22T10:00:00Z");
  const clock = { now: () => now };
  const services = givenServices(db, { clock, passwords, ...replaced });
  onTestFinished(() => services.stop());
  return { services, pass: (ms: number) => (now = new Date(now.getTime() + ms)) };
}

/** A person with the old password and an address that is not proved. */
export async function givenPerson({ db }: Services): Promise<CallingUser> {
  const user = await givenUser(db);
  const passwordHash = await passwords.hash(OLD_PASSWORD);
  await db.sql`UPDATE users SET password_hash = ${passwordHash} WHERE id = ${user.id}`;
  return { ...user, origin };
}

/** An address that nobody has. */
export const freshAddress = () => `${newId()}@example.com`;

/** The mails of one template to one address, oldest first. */
export async function mailsTo(db: Database, to: string, template: CapturedMail["mail"]["template"]) {
  return (await readCapturedMail(db, to)).filter(({ mail }) => mail.template === template);
}

/** The token in the link of the latest such mail. */
export async function mailedToken(db: Database, to: string, template: CapturedMail["mail"]["template"]) {
  const [latest] = (await mailsTo(db, to, template)).slice(-1);
  const url = latest && "url" in latest.mail ? latest.mail.url : "";
  return url.split("/").at(-1) ?? "";
}

/** A person's row. */
export async function readPerson({ db }: Services, id: string) {
  const [person] = await db.sql<{ email: string; passwordHash: string; emailVerifiedAt: Date | null }[]>`
    SELECT email, password_hash AS "passwordHash", email_verified_at AS "emailVerifiedAt" FROM users WHERE id = ${id}`;
  if (!person) throw new Error("no such person");
  return person;
}
