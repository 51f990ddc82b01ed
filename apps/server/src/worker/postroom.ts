import type { MailDelivery, Services } from "@guildhall/api/server";
import { createCaptureTransport, createSmtpTransport, type Postroom } from "@guildhall/mail";
import type { Environment } from "../env.ts";

type MailEnvironment = Pick<Environment, "SMTP_URL" | "MAIL_FROM" | "MAIL_CAPTURE">;

/** What becomes of mail by this configuration. */
export function mailDeliveryOf({ SMTP_URL, MAIL_CAPTURE }: MailEnvironment): MailDelivery {
  if (SMTP_URL) return "smtp";
  return MAIL_CAPTURE ? "captured" : "off";
}

/** What delivers mail; undefined where none is delivered. */
export function createPostroom(environment: MailEnvironment, services: Services): Postroom | undefined {
  const { db, clock, sealer, log, publicUrl } = services;
  const { SMTP_URL, MAIL_FROM } = environment;
  const host = new URL(publicUrl).hostname;
  const room = { sql: db.sql, clock, sealer, host, log };
  if (SMTP_URL) {
    const from = MAIL_FROM ?? `Guildhall <no-reply@${host}>`;
    return { ...room, transport: createSmtpTransport({ url: SMTP_URL, from }) };
  }
  return environment.MAIL_CAPTURE ? { ...room, transport: createCaptureTransport(db) } : undefined;
}
