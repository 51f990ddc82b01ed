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
