export { exampleMails } from "./example-mails.ts";
export { type ReceivedMessage, type Refusal, type SmtpServer, startSmtpServer } from "./smtp-server.ts";
