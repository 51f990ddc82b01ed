export {
  CAPTURED_MAILS_MAX,
  type CapturedContent,
  type CapturedSummary,
  createCaptureTransport,
  listCaptured,
  readCaptured,
} from "./capture-transport.ts";
export { type Delivery, deliverMail, messageIdOf, type Postroom, sweepOutbox } from "./deliver-mail.ts";
export { escapeHtml, type RenderedMail } from "./letter.ts";
export type {
  ChangeEmail,
  EmailChanged,
  EmailInUse,
  InviteMail,
  Mail,
  OwnershipOffer,
  PasswordChanged,
  RemovalNotice,
  ResetPassword,
  SecondFactorChanged,
  SecurityNotice,
  VerifyEmail,
} from "./mail.ts";
export { type AddressedMail, type MailSealer, openMail, putIntoOutbox, SEND_MAIL_TASK } from "./outbox.ts";
export { renderMail } from "./render-mail.ts";
export { createSmtpTransport, type SmtpOptions } from "./smtp-transport.ts";
export { MailRefusedError, type MailTransport, type OutgoingMail } from "./transport.ts";
