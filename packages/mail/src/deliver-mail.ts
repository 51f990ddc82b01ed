import { createHash } from "node:crypto";
import type { Sql } from "@guildhall/db";
import { type Clock, MINUTE_MS, SECOND_MS } from "@guildhall/shared";
import { type AddressedMail, type MailSealer, openMail, SEND_MAIL_TASK } from "./outbox.ts";
import { renderMail } from "./render-mail.ts";
import { GIVE_UP_AFTER_MS, retryDelayMs } from "./retry-policy.ts";
import { MailRefusedError, type MailTransport } from "./transport.ts";

/** What a delivery works with. */
export interface Postroom {
  sql: Sql;
  clock: Clock;
  sealer: MailSealer;
  transport: MailTransport;
  /** The host that names the portal in Message-IDs. */
  host: string;
  log: { info(facts: object, message: string): void; warn(facts: object, message: string): void };
  /** Default: retryDelayMs. */
  retryDelayMs?: ((attempt: number) => number) | undefined;
}

/** What became of one attempt. "nothing": it is finished already, or another worker is at it. */
export type Delivery = "sent" | "retried" | "given_up" | "nothing";

/** An attempt takes at most this long, in milliseconds. */
const ATTEMPT_MS = MINUTE_MS;

/**
 * For this long an attempt has the mail to itself, in milliseconds. Longer than an attempt can take: when it has passed,
 * the process that claimed the mail is gone.
 */
const LEASE_MS = 3 * MINUTE_MS;

/** The job's time comes from Postgres and ours from the clock: so much they may differ. */
const SLACK_MS = SECOND_MS;

const LONGEST_FAILURE = 300;

interface Claimed {
  id: string;
  cause: string;
  sealed: string;
  attempts: number;
  createdAt: Date;
}

/**
 * Tries to deliver one mail of the outbox. Two workers never send the same mail: an attempt claims it first. A mail that
 * was taken and could not be recorded (the process dies between the two) is sent once more after the lease, with the same
 * Message-ID: the one window in which somebody could get it twice.
 */
export async function deliverMail(room: Postroom, mailId: string, stopping?: AbortSignal): Promise<Delivery> {
  const claimed = await claim(room, mailId);
  if (!claimed) return "nothing";
  let failure: unknown;
  let to: string | undefined;
  try {
    const addressed = openMail(room.sealer, claimed.sealed);
    to = addressed.to;
    assertStillOfUse(addressed, room.clock.now());
    await send(room, { ...claimed, ...addressed }, stopping);
  } catch (error) {
    failure = error;
  }
  if (failure === undefined) return recordSent(room, claimed);
  return recordFailure(room, claimed, { error: failure, text: describeFailure(failure, to) });
}

async function claim({ sql, clock }: Postroom, mailId: string): Promise<Claimed | undefined> {
  const now = clock.now().getTime();
  const [claimed] = await sql<Claimed[]>`
    UPDATE mail.outbox SET attempts = attempts + 1, due_at = ${new Date(now + LEASE_MS)}
     WHERE id = ${mailId} AND due_at <= ${new Date(now + SLACK_MS)}
    RETURNING id, cause, sealed, attempts, created_at AS "createdAt"`;
  return claimed;
}

/** @throws MailRefusedError when what the mail leads to has expired meanwhile */
function assertStillOfUse({ mail }: AddressedMail, now: Date): void {
  if ("expiresAt" in mail && mail.expiresAt <= now) throw new MailRefusedError("it expired before anybody took it");
}

async function send(room: Postroom, { id, cause, to, mail }: Claimed & AddressedMail, stopping?: AbortSignal) {
  const tooLong = AbortSignal.timeout(ATTEMPT_MS);
  const signal = stopping ? AbortSignal.any([stopping, tooLong]) : tooLong;
  const messageId = messageIdOf(cause, room.host);
  await room.transport.send({ id, to, messageId, date: room.clock.now(), ...renderMail(mail) }, signal);
}

/** From the cause alone, so that a second copy is recognizable as one. */
export function messageIdOf(cause: string, host: string): string {
  return `<${createHash("sha256").update(cause).digest("hex").slice(0, 40)}@${host}>`;
}

async function recordSent({ sql, clock, log }: Postroom, { id, cause, attempts }: Claimed): Promise<Delivery> {
  await sql`
    UPDATE mail.outbox SET sent_at = ${clock.now()}, due_at = NULL, sealed = NULL, failure = NULL WHERE id = ${id}`;
  log.info({ mailId: id, cause, attempts }, "a mail was sent");
  return "sent";
}

async function recordFailure(
  room: Postroom,
  { id, cause, attempts, createdAt }: Claimed,
  { error, text }: { error: unknown; text: string },
): Promise<Delivery> {
  const { sql, clock, log } = room;
  const now = clock.now();
  if (error instanceof MailRefusedError || now.getTime() - createdAt.getTime() > GIVE_UP_AFTER_MS) {
    await sql`
      UPDATE mail.outbox SET failed_at = ${now}, due_at = NULL, sealed = NULL, failure = ${text} WHERE id = ${id}`;
    log.warn({ mailId: id, cause, attempts, failure: text }, "a mail could not be delivered and is given up");
    return "given_up";
  }
  const delayMs = (room.retryDelayMs ?? retryDelayMs)(attempts);
  await sql`
    WITH postponed AS (
      UPDATE mail.outbox SET due_at = ${new Date(now.getTime() + delayMs)}, failure = ${text} WHERE id = ${id} RETURNING id
    )
    SELECT jobs.add(${SEND_MAIL_TASK}, jsonb_build_object('mailId', p.id), 'mail:' || p.id, ${`${delayMs} milliseconds`}::interval)
      FROM postponed p`;
  log.warn({ mailId: id, cause, attempts, failure: text, delayMs }, "a mail could not be delivered; it is tried again");
  return "retried";
}

/** What the server said, without the address: it is kept and logged. */
function describeFailure(error: unknown, to: string | undefined): string {
  const text = error instanceof Error ? error.message : String(error);
  const anonymous = to ? text.replaceAll(to, "the recipient") : text;
  return anonymous.replaceAll("\0", "").slice(0, LONGEST_FAILURE);
}

/**
 * Wakes the worker for every mail whose time has come and passed: its job was lost (the process died with it), or it was
 * put into the outbox before there was a queue. Returns how many.
 */
export async function sweepOutbox(
  { sql, clock }: Pick<Postroom, "sql" | "clock">,
  overdueMs = MINUTE_MS,
): Promise<number> {
  const overdueSince = new Date(clock.now().getTime() - overdueMs);
  const woken = await sql`
    SELECT jobs.add(${SEND_MAIL_TASK}, jsonb_build_object('mailId', o.id), 'mail:' || o.id)
      FROM (SELECT id FROM mail.outbox WHERE due_at <= ${overdueSince} ORDER BY due_at LIMIT 1000) o`;
  return woken.length;
}
