import type { Database } from "@guildhall/db";
import { type Mail, openMail, type RenderedMail, renderMail } from "@guildhall/mail";
import { testSealer } from "./given.ts";

/** A mail that a verb has sent in a test: what it was made of and what its reader sees. */
export interface CapturedMail extends RenderedMail {
  cause: string;
  to: string;
  mail: Mail;
}

/** What services made by `givenServices` have sent, oldest first; to one address, or to all. Nothing was delivered. */
export async function readCapturedMail(db: Database, to?: string): Promise<CapturedMail[]> {
  // By the transactions that wrote them: under a clock that stands still, ids are in no order, and places on disk are used again.
  const rows = await db.sql<{ cause: string; sealed: string }[]>`
    SELECT cause, sealed FROM mail.outbox WHERE sealed IS NOT NULL ORDER BY xmin::text::bigint, ctid`;
  const mails = rows.map(({ cause, sealed }) => {
    const { to, mail } = openMail(testSealer, sealed);
    return { cause, to, mail, ...renderMail(mail) };
  });
  return to === undefined ? mails : mails.filter((mail) => mail.to === to);
}
