import type { Sql, TransactionSql } from "@guildhall/db";
import { type Mail, putIntoOutbox } from "@guildhall/mail";
import type { Services } from "./trpc/context.ts";

/** A mail that a verb causes. */
export interface CausedMail {
  /**
   * What it is sent for, unique for ever ("invite:ID:2", "password_changed:SESSION"): one mail per cause, however often the
   * verb runs. No secrets and no addresses: it is kept in clear, at most 200 characters.
   */
  cause: string;
  /** One address, normalized. */
  to: string;
  mail: Mail;
}

type MailServices = Pick<Services, "clock" | "sealer" | "mailDelivery">;

/**
 * Sends a mail with the transaction that causes it: rolled back, it was never meant; committed, a job delivers it and
 * retries. The content is sealed, so a token in its link never stands in the database. Await it. Where no delivery is
 * configured (`services.mailDelivery` is "off") it does nothing: pages say so instead.
 */
export async function sendMail(
  tx: { sql: Sql | TransactionSql },
  services: MailServices,
  mail: CausedMail,
): Promise<void> {
  await sendMails(tx, services, [mail]);
}

/** Like sendMail, for many at once with one statement: bulk invites. */
export async function sendMails(
  tx: { sql: Sql | TransactionSql },
  services: MailServices,
  mails: readonly CausedMail[],
): Promise<void> {
  if (services.mailDelivery !== "off") await putIntoOutbox(tx.sql, services, mails);
}
