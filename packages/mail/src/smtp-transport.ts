import { createTransport } from "nodemailer";
import { MailRefusedError, type MailTransport } from "./transport.ts";

/** Where and as whom mail is sent. */
export interface SmtpOptions {
  /** smtp://user:password@host:587 (STARTTLS where offered; ?requireTLS=true insists) or smtps://…:465. */
  url: string;
  /** The sender: `Guildhall <no-reply@example.com>`. */
  from: string;
}

const CONNECTION_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 30_000;

/** What a server refuses at these commands is this mail; anything else (its login, its sender) is our configuration. */
const COMMANDS_ABOUT_THE_MAIL = ["RCPT TO", "DATA"];

/**
 * Sends over SMTP, one connection per mail: a pool would send again by itself what a broken connection had half taken,
 * and whether a mail is sent again is decided in the outbox alone.
 */
export function createSmtpTransport({ url, from }: SmtpOptions): MailTransport {
  const smtp = createTransport({
    url,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    greetingTimeout: CONNECTION_TIMEOUT_MS,
    dnsTimeout: CONNECTION_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, messageId, date, subject, text, html }, signal) {
      try {
        await smtp.sendMail({
          from,
          // As an object: an address that is parsed from text could become two.
          to: { name: "", address: to },
          subject,
          text,
          html,
          messageId,
          date,
          headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
          signal,
        });
      } catch (error) {
        throw isForGood(error) ? new MailRefusedError((error as Error).message, { cause: error }) : error;
      }
    },
  };
}

function isForGood(error: unknown): boolean {
  const { permanent, command } = error as { permanent?: boolean; command?: string };
  return permanent === true && COMMANDS_ABOUT_THE_MAIL.includes(command ?? "");
}
