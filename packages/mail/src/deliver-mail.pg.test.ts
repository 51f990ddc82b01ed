import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, HOUR_MS, MINUTE_MS, newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { CAPTURED_MAILS_MAX, createCaptureTransport, listCaptured, readCaptured } from "./capture-transport.ts";
import { deliverMail, messageIdOf, type Postroom, sweepOutbox } from "./deliver-mail.ts";
import type { Mail } from "./mail.ts";
import { putIntoOutbox } from "./outbox.ts";
import { createSmtpTransport } from "./smtp-transport.ts";
import { startSmtpServer } from "./testing/smtp-server.ts";

/** Hides nothing: what sealing is worth is the sealer's own test. */
const sealer = {
  seal: (_purpose: string, text: string) => Buffer.from(text).toString("hex"),
  open: (_purpose: string, sealed: string) => Buffer.from(sealed, "hex").toString(),
};

/** A postroom on a real mail server, with a clock that moves by hand. */
async function givenPostroom({ sql }: Database, transport?: Postroom["transport"]) {
  const server = await startSmtpServer();
  onTestFinished(() => server.stop());
  let nowMs = Date.parse("2026-11-22T10:00:00Z");
  const clock = { now: () => new Date(nowMs) };
  const logged: object[] = [];
  const note = (facts: object) => void logged.push(facts);
  const smtp = createSmtpTransport({ url: server.url, from: "Guildhall <no-reply@example.com>" });
  const log = { info: note, warn: note };
  const room: Postroom = { sql, clock, sealer, transport: transport ?? smtp, host: "portal.example.com", log };
  const put = async (mail: Partial<Mail> = {}, cause = newId()) => {
    const url = "https://portal.example.com/verify-email/token";
    const full = { template: "verify_email", name: "Ada", url, expiresAt: new Date(nowMs + HOUR_MS), ...mail } as Mail;
    await putIntoOutbox(sql, room, [{ cause, to: "ada@example.com", mail: full }]);
    const [row] = await sql<{ id: string }[]>`SELECT id FROM mail.outbox WHERE cause = ${cause}`;
    return { id: row?.id ?? "", cause };
  };
  const state = async (id: string) => {
    const [row] = await sql`SELECT attempts, sealed IS NULL AS erased, sent_at AS "sentAt", failed_at AS "failedAt",
                                   due_at AS "dueAt", failure FROM mail.outbox WHERE id = ${id}`;
    return row;
  };
  return { room, server, put, state, logged, pass: (ms: number) => (nowMs += ms) };
}

pgTest("a mail arrives once, however many workers are woken for it, and its content is erased", async ({ db }) => {
  const { room, server, put, state } = await givenPostroom(db);
  const { id, cause } = await put({ name: "Zoë" });
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => deliverMail(room, id)));
  expect(outcomes.sort()).toEqual(["nothing", "nothing", "nothing", "sent"]);
  expect(await deliverMail(room, id)).toBe("nothing");
  expect(server.received).toHaveLength(1);
  const [message] = server.received;
  expect(message).toMatchObject({ from: "no-reply@example.com", to: ["ada@example.com"] });
  expect(message?.raw).toContain(`Message-ID: ${messageIdOf(cause, "portal.example.com")}`);
  expect(message?.raw).toContain("Subject: Verify your e-mail address");
  expect(message?.raw).toContain("Auto-Submitted: auto-generated");
  expect(message?.raw).toContain("Date: Sun, 22 Nov 2026 10:00:00 +0000");
  expect(message?.raw).toContain("text/html");
  expect(await state(id)).toMatchObject({ attempts: 1, erased: true, sentAt: expect.any(Date), dueAt: null });
});

pgTest("a mail that was refused for now is tried again later, not before, and arrives once", async ({ db }) => {
  const { room, server, put, state, logged, pass } = await givenPostroom(db);
  const { id } = await put();
  server.refuseNext({ at: "rcpt", answer: "451 4.7.1 ada@example.com: greylisted" }, { at: "data", answer: "hang_up" });
  expect(await deliverMail(room, id)).toBe("retried");
  expect(await state(id)).toMatchObject({ attempts: 1, failure: expect.stringContaining("greylisted") });
  expect(await deliverMail(room, id)).toBe("nothing");
  pass(10_000);
  expect(await deliverMail(room, id)).toBe("retried");
  pass(30_000);
  expect(await deliverMail(room, id)).toBe("sent");
  expect(server.received).toHaveLength(1);
  expect(server.attempts).toHaveLength(3);
  expect(JSON.stringify([logged, await state(id)])).not.toContain("ada@example.com");
});

pgTest("a mail that was refused for good is given up at once", async ({ db }) => {
  const { room, server, put, state } = await givenPostroom(db);
  const { id } = await put();
  server.refuseNext({ at: "rcpt", answer: "550 5.1.1 no such mailbox" });
  expect(await deliverMail(room, id)).toBe("given_up");
  expect(await state(id)).toMatchObject({ erased: true, failedAt: expect.any(Date), dueAt: null });
  expect(await deliverMail(room, id)).toBe("nothing");
});

pgTest("a mail that nobody takes is given up after a day, one that leads nowhere any more at once", async ({ db }) => {
  const { room, server, put, state, pass } = await givenPostroom(db);
  const [{ id }, short] = [await put({ expiresAt: new Date("2027-01-01T00:00:00Z") }), await put()];
  pass(2 * HOUR_MS);
  expect(await deliverMail(room, short.id)).toBe("given_up");
  expect(await state(short.id)).toMatchObject({ failure: expect.stringContaining("expired") });
  expect(server.attempts).toEqual([]);
  server.refuseNext({ at: "data", answer: "452 mailbox full" }, { at: "data", answer: "452 mailbox full" });
  expect(await deliverMail(room, id)).toBe("retried");
  pass(DAY_MS);
  expect(await deliverMail(room, id)).toBe("given_up");
});

pgTest("an attempt whose process died is made again after its lease, under the same Message-ID", async ({ db }) => {
  const { room, server, put, pass } = await givenPostroom(db);
  const { id, cause } = await put();
  const isUnderWay = new Promise<void>((begun) => {
    const send = () => new Promise<never>(() => begun());
    void deliverMail({ ...room, transport: { send } }, id);
  });
  await isUnderWay;
  expect(await deliverMail(room, id)).toBe("nothing");
  expect(server.received).toEqual([]);
  pass(3 * MINUTE_MS);
  expect(await deliverMail(room, id)).toBe("sent");
  expect(server.received[0]?.raw).toContain(messageIdOf(cause, "portal.example.com"));
});

pgTest("accepted and cut off before the answer: the second copy carries the same Message-ID", async ({ db }) => {
  const { room, server, put, pass } = await givenPostroom(db);
  const { id, cause } = await put();
  server.refuseNext({ at: "data", answer: "accept_and_hang_up" });
  expect(await deliverMail(room, id)).toBe("retried");
  pass(MINUTE_MS);
  expect(await deliverMail(room, id)).toBe("sent");
  const ids = server.received.map(({ raw }) => /^Message-ID: (.*)$/m.exec(raw)?.[1]);
  expect(ids).toEqual([messageIdOf(cause, "portal.example.com"), messageIdOf(cause, "portal.example.com")]);
});

pgTest("stopping ends an attempt under way and leaves the mail for the next start", async ({ db }) => {
  const { room, server, put, pass } = await givenPostroom(db);
  const { id } = await put();
  server.refuseNext({ at: "data", answer: "never" });
  const stopping = new AbortController();
  const attempt = deliverMail(room, id, stopping.signal);
  await expect.poll(() => server.attempts).toHaveLength(1);
  stopping.abort();
  expect(await attempt).toBe("retried");
  pass(MINUTE_MS);
  expect(await deliverMail(room, id)).toBe("sent");
  expect(server.received).toHaveLength(1);
});

pgTest("the sweep finds mails whose job was lost, and no others", async ({ db }) => {
  const { room, put, pass } = await givenPostroom(db);
  await db.sql`UPDATE mail.outbox SET failed_at = now(), due_at = NULL, sealed = NULL WHERE due_at IS NOT NULL`;
  await put();
  expect(await sweepOutbox(room)).toBe(0);
  pass(2 * MINUTE_MS);
  await put();
  expect(await sweepOutbox(room)).toBe(1);
});

pgTest("captured mail can be read, newest first, and does not pile up", async ({ db }) => {
  const { room, put, pass } = await givenPostroom(db, createCaptureTransport(db));
  const first = await put();
  await deliverMail(room, first.id);
  pass(1000);
  const { id } = await put({ template: "invite", organizationName: "Acme", invitedByName: "Bob", role: "member" });
  expect(await deliverMail(room, id)).toBe("sent");
  const [newest] = await listCaptured(db, "ada@example.com");
  expect(newest).toMatchObject({ id, recipient: "ada@example.com", subject: "Bob invites you to Acme" });
  expect(await readCaptured(db, id)).toMatchObject({ text: expect.stringContaining("/verify-email/token") });
  expect(await listCaptured(db, "bob@example.com")).toEqual([]);
  await db.sql`
    INSERT INTO mail.captured SELECT gen_random_uuid(), 'x@example.com', 's', 't', 'h', '2026-01-01'
      FROM generate_series(1, ${CAPTURED_MAILS_MAX})`;
  pass(1000);
  await deliverMail(room, (await put()).id);
  expect(await listCaptured(db)).toHaveLength(CAPTURED_MAILS_MAX);
  expect(await readCaptured(db, id)).toBeDefined();
});
