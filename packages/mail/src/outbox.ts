import type { Sql, TransactionSql } from "@guildhall/db";
import { type Clock, newId } from "@guildhall/shared";
import type { Mail } from "./mail.ts";

/** Hides the content of waiting mails. Structurally the portal's sealer. */
export interface MailSealer {
  seal(purpose: string, text: string): string;
  open(purpose: string, sealed: string): string;
}

/** One mail to one person. */
export interface AddressedMail {
  /** One address, in the form in which the portal stores addresses. */
  to: string;
  mail: Mail;
}

/** What putting a mail into the outbox needs. */
export interface OutboxTools {
  clock: Clock;
  sealer: MailSealer;
}

const PURPOSE = "mail";

/** The job that sends one mail; its payload names the row and nothing else. */
export const SEND_MAIL_TASK = "send_mail";

/**
 * Puts mails into the outbox and wakes the worker, in the caller's transaction and with one statement. A cause that was
 * used before, in whatever state its mail is, changes nothing: this is what keeps a mail from being sent twice.
 */
export async function putIntoOutbox(
  sql: Sql | TransactionSql,
  { clock, sealer }: OutboxTools,
  mails: readonly (AddressedMail & { cause: string })[],
): Promise<void> {
  if (mails.length === 0) return;
  const now = clock.now();
  const ids = mails.map(() => newId(now.getTime()));
  const sealed = mails.map(({ to, mail }) => sealer.seal(PURPOSE, JSON.stringify({ to, mail })));
  const causes = mails.map(({ cause }) => cause);
  await sql`
    WITH put AS (
      INSERT INTO mail.outbox (id, cause, sealed, due_at, created_at)
      SELECT m.id, m.cause, m.sealed, ${now}, ${now}
        FROM unnest(${ids}::uuid[], ${causes}::text[], ${sealed}::text[]) AS m(id, cause, sealed)
      ON CONFLICT (cause) DO NOTHING RETURNING id
    )
    SELECT jobs.add(${SEND_MAIL_TASK}, jsonb_build_object('mailId', put.id), 'mail:' || put.id) FROM put`;
}

/** Reads what waits in an outbox row. @throws when it was sealed with another key */
export function openMail(sealer: MailSealer, sealed: string): AddressedMail {
  return JSON.parse(sealer.open(PURPOSE, sealed), (name, value: unknown) =>
    name.endsWith("At") ? new Date(String(value)) : value,
  ) as AddressedMail;
}
