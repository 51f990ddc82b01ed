import { withoutTenant } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { sendMail } from "./send-mail.ts";
import { readCapturedMail } from "./testing/captured-mail.ts";
import { givenServices } from "./testing/given.ts";

function givenMail() {
  const cause = `verify:${newId()}`;
  const url = `https://portal.example.com/verify-email/${"t".repeat(43)}`;
  const expiresAt = new Date("2026-11-22T10:00:00Z");
  return {
    cause,
    to: `${newId()}@example.com`,
    mail: { template: "verify_email", name: "Ada", url, expiresAt },
  } as const;
}

pgTest("a mail is sent with the transaction that causes it, and only if that commits", async ({ db }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const [kept, undone] = [givenMail(), givenMail()];
  await withoutTenant(db, (tx) => sendMail(tx, services, kept));
  const failing = withoutTenant(db, async (tx) => {
    await sendMail(tx, services, undone);
    throw new Error("the verb failed");
  });
  await expect(failing).rejects.toThrow("the verb failed");
  expect(await readCapturedMail(db, kept.to)).toMatchObject([kept]);
  expect(await readCapturedMail(db, undone.to)).toEqual([]);
});

pgTest("one cause is one mail, however often and however parallel it is sent", async ({ db }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const mail = givenMail();
  await Promise.all([1, 2, 3, 4].map(() => withoutTenant(db, (tx) => sendMail(tx, services, mail))));
  await sendMail(db, services, { ...mail, mail: { ...mail.mail, name: "Bob" } });
  expect(await readCapturedMail(db, mail.to)).toHaveLength(1);
});

pgTest("neither the recipient nor the link stands in the database", async ({ db, superuserDb }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const mail = givenMail();
  await sendMail(db, services, mail);
  const [row] = await superuserDb.sql`SELECT o::text AS text FROM mail.outbox o WHERE cause = ${mail.cause}`;
  expect(row?.text).toContain(mail.cause);
  for (const secret of [mail.to, mail.mail.url, "ttttt"]) expect(row?.text).not.toContain(secret);
});

pgTest("S2.12 nothing is sent where no delivery is configured", async ({ db }) => {
  const services = givenServices(db, { mailDelivery: "off" });
  onTestFinished(() => services.stop());
  const mail = givenMail();
  await sendMail(db, services, mail);
  expect(await readCapturedMail(db, mail.to)).toEqual([]);
});
