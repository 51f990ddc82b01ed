import type { RenderedMail } from "./letter.ts";

/** A mail ready to leave. */
export interface OutgoingMail extends RenderedMail {
  /** The outbox row it comes from. */
  id: string;
  to: string;
  /** The same at every attempt, in angle brackets: a receiver that got it twice can tell. */
  messageId: string;
  date: Date;
}

/** Where mail goes. */
export interface MailTransport {
  /**
   * Resolves once the receiver has taken it. The signal ends the attempt and its connection.
   * @throws MailRefusedError when trying again is of no use; anything else may be tried again
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
}

/** The receiver refused for good (an unknown mailbox, say). */
export class MailRefusedError extends Error {
  override name = "MailRefusedError";
}
