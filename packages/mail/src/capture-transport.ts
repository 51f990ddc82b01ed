import type { Database } from "@guildhall/db";
import type { MailTransport } from "./transport.ts";

/** The newest so many are kept. */
export const CAPTURED_MAILS_MAX = 500;

/** Keeps mail for reading instead of sending it. Keeping one twice keeps one. */
export function createCaptureTransport({ sql }: Pick<Database, "sql">): MailTransport {
  return {
    async send({ id, to, date, subject, text, html }) {
      await sql.begin(async (tx) => {
        await tx`
          INSERT INTO mail.captured (id, recipient, subject, text_body, html_body, captured_at)
          VALUES (${id}, ${to}, ${subject}, ${text}, ${html}, ${date}) ON CONFLICT (id) DO NOTHING`;
        await tx`
          DELETE FROM mail.captured WHERE (captured_at, id) < (
            SELECT captured_at, id FROM mail.captured ORDER BY captured_at DESC, id DESC
            OFFSET ${CAPTURED_MAILS_MAX - 1} LIMIT 1)`;
      });
    },
  };
}

/** One captured mail as it is listed. */
export interface CapturedSummary {
  id: string;
  recipient: string;
  subject: string;
  capturedAt: Date;
}

/** One captured mail in full. */
export interface CapturedContent extends CapturedSummary {
  text: string;
  html: string;
}

/** What was captured, newest first; to one address, or to all. */
export function listCaptured({ sql }: Pick<Database, "sql">, recipient?: string): Promise<CapturedSummary[]> {
  return sql<CapturedSummary[]>`
    SELECT id, recipient, subject, captured_at AS "capturedAt" FROM mail.captured
     WHERE ${recipient ?? null}::text IS NULL OR recipient = ${recipient ?? null}
     ORDER BY captured_at DESC, id DESC LIMIT ${CAPTURED_MAILS_MAX}`;
}

/** One captured mail; undefined when it is unknown or no longer kept. */
export async function readCaptured({ sql }: Pick<Database, "sql">, id: string): Promise<CapturedContent | undefined> {
  const [mail] = await sql<CapturedContent[]>`
    SELECT id, recipient, subject, captured_at AS "capturedAt", text_body AS text, html_body AS html
      FROM mail.captured WHERE id = ${id}`;
  return mail;
}
