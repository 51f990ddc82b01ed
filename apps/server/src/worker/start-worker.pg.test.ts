import { randomBytes } from "node:crypto";
import { createServices, type RunningServices } from "@guildhall/api/server";
import { createSealer } from "@guildhall/auth";
import { withoutTenant } from "@guildhall/db";
import { pgTest, type TestDatabase } from "@guildhall/db/testing";
import { type Postroom, putIntoOutbox } from "@guildhall/mail";
import { startSmtpServer } from "@guildhall/mail/testing";
import { HOUR_MS, newId, systemClock } from "@guildhall/shared";
import { pino } from "pino";
import { expect, onTestFinished } from "vitest";
import { createPostroom } from "./postroom.ts";
import { startWorker } from "./start-worker.ts";

const log = pino({ level: "silent" });

async function givenOffice({ db, ownerUrl }: TestDatabase) {
  const server = await startSmtpServer();
  onTestFinished(() => server.stop());
  const sealer = createSealer([randomBytes(32)]);
  const publicUrl = "https://portal.example.com";
  const services: RunningServices = createServices({ db, clock: systemClock, publicUrl, log, sealer });
  onTestFinished(() => services.stop());
  const environment = { SMTP_URL: server.url, MAIL_FROM: undefined, MAIL_CAPTURE: false };
  const postroom = { ...createPostroom(environment, services), retryDelayMs: () => 50 } as Postroom;
  const start = async () => {
    const worker = await startWorker({ ownerUrl, services, postroom, log, pollIntervalMs: 50, finishMs: 100 });
    onTestFinished(() => worker.stop());
    return worker;
  };
  const send = async (cause = newId()) => {
    const to = `${newId()}@example.com`;
    const mail = { template: "verify_email", name: "Ada", url: publicUrl, expiresAt: inOneHour() } as const;
    await withoutTenant(db, (tx) => putIntoOutbox(tx.sql, services, [{ cause, to, mail }]));
    return to;
  };
  const arrived = () => server.received.flatMap((message) => message.to);
  return { server, start, send, arrived, services };
}

const inOneHour = () => new Date(Date.now() + HOUR_MS);

pgTest("a mail that a transaction caused arrives, once, also with two workers at it", async ({ database }) => {
  const { start, send, arrived } = await givenOffice(database);
  const [first] = await Promise.all([start(), start()]);
  const recipients = await Promise.all(Array.from({ length: 20 }, () => send()));
  await expect.poll(arrived, { timeout: 30_000 }).toHaveLength(20);
  await first.stop();
  expect(arrived().sort()).toEqual(recipients.sort());
});

pgTest("a refused mail is tried again by the queue until it is taken", async ({ database }) => {
  const { server, start, send, arrived } = await givenOffice(database);
  await start();
  server.refuseNext({ at: "data", answer: "451 not now" }, { at: "rcpt", answer: "452 full" });
  const to = await send();
  await expect.poll(arrived, { timeout: 30_000 }).toEqual([to]);
  expect(server.attempts).toEqual([to, to, to]);
});

pgTest("mail caused before there was a queue, or while no worker was there, is found", async ({ database }) => {
  const { start, send, arrived } = await givenOffice(database);
  await database.superuserDb.sql`DROP SCHEMA IF EXISTS graphile_worker CASCADE`;
  const to = await send();
  const worker = await start();
  await expect.poll(arrived, { timeout: 30_000 }).toEqual([to]);
  await worker.stop();
  const later = await send();
  await start();
  await expect.poll(arrived, { timeout: 30_000 }).toEqual([to, later]);
});

pgTest(
  "stopping waits for nothing that hangs",
  async ({ database, db }) => {
    const { server, start, send } = await givenOffice(database);
    const worker = await start();
    server.refuseNext({ at: "data", answer: "never" });
    const cause = newId();
    await send(cause);
    await expect.poll(() => server.attempts, { timeout: 30_000 }).toHaveLength(1);
    await worker.stop();
    await worker.stop();
    const [mail] = await db.sql`SELECT failure, due_at FROM mail.outbox WHERE cause = ${cause}`;
    expect(mail).toMatchObject({ failure: expect.stringMatching(/abort/i), due_at: expect.any(Date) });
  },
  60_000,
);

pgTest("the app's role adds jobs and can do nothing else to the queue", async ({ database, db }) => {
  const { start } = await givenOffice(database);
  await start();
  const [added] = await db.sql`SELECT jobs.add('clean_up', '{}', 'test') AS added`;
  expect(added).toEqual({ added: true });
  await expect(db.sql`SELECT graphile_worker.add_job('clean_up')`).rejects.toThrow("permission denied");
  await expect(db.sql`SELECT * FROM graphile_worker.jobs`).rejects.toThrow("permission denied");
  const long = "x".repeat(2000);
  await expect(db.sql`SELECT jobs.add('clean_up', ${long}::text::jsonb, 'k')`).rejects.toThrow();
  await expect(db.sql`SELECT jobs.add('Clean-Up', '{}', 'k')`).rejects.toThrow("plain name");
});
