import { connect, createServer, type Socket } from "node:net";
import { type Database, openDatabase } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { describe, expect, onTestFinished, vi } from "vitest";
import { type Bus, type BusOptions, createBus } from "./bus.ts";
import { followOrganization } from "./follow-organization.ts";
import { renamed, take, told, write } from "./testing/log-writer.ts";

/** The bus of a process of its own; resolves when it listens to the others. */
async function givenProcess(db: Database, options: BusOptions = {}): Promise<Bus> {
  const listening = Promise.withResolvers<void>();
  const bus = createBus({ db, pollMs: 0, ...options });
  bus.watchSessions((sessionId) => sessionId === null && listening.resolve());
  onTestFinished(() => bus.stop());
  await listening.promise;
  return bus;
}

const signalOfTest = () => {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  return ending.signal;
};

const LISTENERS = (db: Database) => db.sql<{ pid: number }[]>`
  SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'listen %'`;

describe("two processes on one database", () => {
  pgTest("L1 what one commits, followers at the other receive", async ({ db, openSecondConnection }) => {
    const second = openSecondConnection();
    const [here, there] = [await givenProcess(db), await givenProcess(second)];
    const organizationId = newId();
    const follow = (bus: Bus, database: Database) =>
      take(
        followOrganization({ db: database, bus, organizationId, after: 0n, signal: signalOfTest() }),
        (step) => told(step) === "40",
      );
    const both = [follow(here, db), follow(there, second)];
    for (let n = 0; n < 20; n += 1) {
      here.publish(await write(db, organizationId, renamed("here")));
      there.publish(await write(second, organizationId, renamed("there")));
    }
    const all = Array.from({ length: 40 }, (_, n) => String(n + 1));
    for (const steps of await Promise.all(both)) expect(steps.map(told)).toEqual(all);
  });

  pgTest(
    "people and sessions are told across, and nobody hears themselves twice",
    async ({ db, openSecondConnection }) => {
      const [here, there] = [await givenProcess(db), await givenProcess(openSecondConnection())];
      const [userId, heard] = [newId(), [] as string[]];
      here.watchPerson(userId, () => heard.push("here"));
      there.watchPerson(userId, () => heard.push("there"));
      there.watchSessions((sessionId) => heard.push(`session ${sessionId}`));
      here.touchPerson(userId);
      here.touchPerson(newId());
      here.endSession("s1");
      await vi.waitFor(() => expect(heard).toEqual(["here", "there", "session s1"]), { timeout: 30_000 });
    },
  );

  pgTest("more wake-ups than one notification holds all arrive", async ({ db, openSecondConnection }) => {
    const [here, there] = [await givenProcess(db), await givenProcess(openSecondConnection())];
    const ids = Array.from({ length: 500 }, () => newId());
    const woken = new Map<string, bigint | null>();
    for (const id of ids) there.watchOrganization(id, (sequence) => woken.set(id, sequence));
    here.publish(ids.map((organizationId) => ({ organizationId, sequence: 9_007_199_254_740_993n })));
    await vi.waitFor(() => expect(woken.size).toBe(500), { timeout: 30_000 });
    expect(new Set(woken.values())).toEqual(new Set([9_007_199_254_740_993n]));
  });

  pgTest("a lost notification is healed by the poll", async ({ db, openSecondConnection }) => {
    const second = openSecondConnection();
    const there = await givenProcess(second);
    const organizationId = newId();
    const steps = followOrganization({ db: second, bus: there, organizationId, after: 0n, signal: signalOfTest() });
    const first = steps.next();
    there.publish(await write(second, organizationId, renamed("seen")));
    await first;
    const next = steps.next();
    // Committed by a process that died before it could tell anybody.
    await write(db, organizationId, renamed("untold"));
    await there.poll();
    expect((await next).value).toMatchObject({ logged: { sequence: 2n } });
    await steps.return();
  });

  pgTest("the poll runs by itself", async ({ db }) => {
    const bus = await givenProcess(db, { pollMs: 10 });
    const organizationId = newId();
    const steps = take(followOrganization({ db, bus, organizationId, after: 0n, signal: signalOfTest() }), () => true);
    await write(db, organizationId, renamed("untold"));
    expect((await steps).map(told)).toEqual(["1"]);
  });

  pgTest(
    "a lost listening connection comes back by itself and what was missed is caught up",
    async ({ db, superuserDb, openSecondConnection }) => {
      const second = openSecondConnection();
      const there = await givenProcess(second);
      const [organizationId, userId, touched] = [newId(), newId(), [] as string[]];
      there.watchPerson(userId, () => touched.push("person"));
      const steps = take(
        followOrganization({ db: second, bus: there, organizationId, after: 0n, signal: signalOfTest() }),
        (_, count) => count === 2,
      );
      there.publish(await write(db, organizationId, renamed("seen")));
      // Committed, but nobody is told: what a notification lost with the connection looks like.
      await write(db, organizationId, renamed("missed"));
      const before = await LISTENERS(superuserDb);
      expect(before.length).toBeGreaterThan(0);
      await superuserDb.sql`SELECT pg_terminate_backend(pid) FROM unnest(${before.map(({ pid }) => pid)}::int[]) AS pid`;
      expect((await steps).map(told)).toEqual(["1", "2"]);
      await vi.waitFor(() => expect(touched).toEqual(["person"]), { timeout: 30_000 });
      const here = await givenProcess(db);
      here.touchPerson(userId);
      await vi.waitFor(() => expect(touched).toEqual(["person", "person"]), { timeout: 30_000 });
    },
  );

  pgTest(
    "a database that was away for a while is listened to again, also when it was away at the start",
    async ({ db, database }) => {
      const gate = await givenGate(database.appUrl);
      const behind = openDatabase({ url: gate.url, maxConnections: 2 });
      onTestFinished(() => behind.close(0));
      gate.close();
      const errors: unknown[] = [];
      const bus = createBus({ db: behind, pollMs: 0, probeMs: 500, onError: (error) => errors.push(error) });
      onTestFinished(() => bus.stop());
      let listened = 0;
      bus.watchSessions((sessionId) => {
        if (sessionId === null) listened += 1;
      });
      await vi.waitFor(() => expect(gate.refused()).toBeGreaterThan(0), { timeout: 30_000 });
      gate.open();
      await vi.waitFor(() => expect(listened).toBe(1), { timeout: 30_000 });
      const refusedBefore = gate.refused();
      gate.close();
      await vi.waitFor(() => expect(gate.refused()).toBeGreaterThan(refusedBefore + 1), { timeout: 30_000 });
      gate.open();
      await vi.waitFor(() => expect(listened).toBe(2), { timeout: 30_000 });
      const [touched, userId] = [Promise.withResolvers<void>(), newId()];
      bus.watchPerson(userId, touched.resolve);
      (await givenProcess(db)).touchPerson(userId);
      await touched.promise;
    },
  );

  pgTest("a listening connection that hangs without being closed is replaced", async ({ db, database }) => {
    const gate = await givenGate(database.appUrl);
    const behind = openDatabase({ url: gate.url, maxConnections: 2 });
    onTestFinished(() => behind.close(0));
    const bus = await givenProcess(behind, { probeMs: 300 });
    const [touched, userId] = [Promise.withResolvers<void>(), newId()];
    gate.stall();
    bus.watchPerson(userId, touched.resolve);
    (await givenProcess(db)).touchPerson(userId);
    await touched.promise;
  });

  pgTest("a process that stops still tells what it has committed", async ({ db, openSecondConnection }) => {
    const there = await givenProcess(db);
    const here = await givenProcess(openSecondConnection());
    const people = Array.from({ length: 3 }, () => newId());
    const touched = new Set<string>();
    for (const userId of people) there.watchPerson(userId, () => touched.add(userId));
    for (const userId of people) here.touchPerson(userId);
    await here.stop();
    await vi.waitFor(() => expect([...touched].sort()).toEqual([...people].sort()), { timeout: 30_000 });
  });

  pgTest("a foreign notification is reported and harms nothing", async ({ db, openSecondConnection }) => {
    const errors: unknown[] = [];
    const second = openSecondConnection();
    await givenProcess(second, { onError: (error) => errors.push(error) });
    const broken = ["", "{", "[]", "null", '{"from":"x","heads":[["a","NaN"]],"people":[],"sessions":[]}'];
    for (const payload of broken) await db.sql`SELECT pg_notify('guildhall_live', ${payload})`;
    await vi.waitFor(() => expect(errors).toHaveLength(broken.length), { timeout: 30_000 });
  });
});

/** A door in front of the database: closed, it cuts what is open and lets nobody in. */
async function givenGate(databaseUrl: string) {
  const behind = new URL(databaseUrl);
  const open = new Set<Socket>();
  let isOpen = true;
  let refused = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (!isOpen) {
      refused += 1;
      socket.resetAndDestroy();
      return;
    }
    const onward = connect(Number(behind.port), behind.hostname);
    onward.on("error", () => {});
    for (const end of [socket, onward]) {
      open.add(end);
      end.once("close", () => {
        open.delete(end);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const front = new URL(databaseUrl);
  front.port = String((server.address() as { port: number }).port);
  front.hostname = "127.0.0.1";
  return {
    url: front.href,
    refused: () => refused,
    open: () => {
      isOpen = true;
    },
    /** What is open stays open, and carries nothing any more. */
    stall: () => {
      for (const socket of open) socket.unpipe().pause();
    },
    close: () => {
      isOpen = false;
      for (const socket of open) socket.destroy();
    },
  };
}
