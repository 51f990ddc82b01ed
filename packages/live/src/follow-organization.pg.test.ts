import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { describe, expect, onTestFinished } from "vitest";
import { type Bus, type BusOptions, createBus } from "./bus.ts";
import { type Followed, followOrganization } from "./follow-organization.ts";
import { balance, renamed, take, told, write } from "./testing/log-writer.ts";

/** A bus that is stopped with the test; an error that it reports fails the test. */
function givenBus(options: BusOptions = {}): Bus {
  const errors: unknown[] = [];
  const bus = createBus({ pollMs: 0, onError: (error) => errors.push(error), ...options });
  onTestFinished(async () => {
    await bus.stop();
    expect(errors).toEqual([]);
  });
  return bus;
}

async function writeAndPublish(db: Database, bus: Bus, organizationId: string, ...names: (string | number)[]) {
  bus.publish(await write(db, organizationId, ...names.map(renamed)));
}

const signalOfTest = () => {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  return ending.signal;
};

describe("following an organization", () => {
  pgTest("L2 the gap comes first, then what happens, in order", async ({ db }) => {
    const [bus, organizationId] = [givenBus(), newId()];
    await write(db, organizationId, ...[1, 2, 3].map(renamed));
    const steps = take(
      followOrganization({ db, bus, organizationId, after: 1n, signal: signalOfTest() }),
      (step) => told(step) === "6",
    );
    await writeAndPublish(db, bus, organizationId, 4, 5);
    await writeAndPublish(db, bus, organizationId, 6);
    expect((await steps).map(told)).toEqual(["2", "3", "4", "5", "6"]);
  });

  pgTest(
    "L2 under concurrent writers every follower sees every event once, wherever it resumes",
    async ({ db, database, openSecondConnection }) => {
      const [bus, organizationId] = [givenBus(), newId()];
      const total = 240n;
      const signal = signalOfTest();
      const isEnd = (step: { kind: string; logged?: { sequence: bigint } }) => step.logged?.sequence === total;
      /** Drops the connection after every `stride` events and resumes after the last one that it saw. */
      async function followWithDrops(stride: number): Promise<string[]> {
        const seen: string[] = [];
        while (seen.at(-1) !== String(total)) {
          const after = BigInt(seen.at(-1) ?? 0);
          const steps = followOrganization({ db, bus, organizationId, after, signal });
          seen.push(...(await take(steps, (step, count) => isEnd(step) || count === stride)).map(told));
        }
        return seen;
      }
      const followers = [1, 7, 50, 1_000].map(followWithDrops);
      const writers = [db, openSecondConnection(), openSecondConnection(), database.db];
      await Promise.all(
        writers.map(async (writer) => {
          for (let n = 0; n < 60; n += 1) await writeAndPublish(writer, bus, organizationId, n);
        }),
      );
      const all = Array.from({ length: Number(total) }, (_, n) => String(n + 1));
      for (const seen of await Promise.all(followers)) expect(seen).toEqual(all);
    },
  );

  pgTest("neighbouring balances are merged into the latest, with the range that it sums up", async ({ db }) => {
    const [bus, organizationId] = [givenBus(), newId()];
    await write(
      db,
      organizationId,
      balance(1),
      balance(2),
      renamed("x"),
      balance(3),
      balance(4, ["owner"]),
      balance(5, ["owner"]),
    );
    const signal = signalOfTest();
    const steps = await take(
      followOrganization({ db, bus, organizationId, after: 0n, signal }),
      (step) => told(step) === "6",
    );
    expect(steps.map(told)).toEqual(["2", "3", "4", "6"]);
    expect(steps[0]).toMatchObject({
      logged: { event: { payload: { fromSequence: "1", toSequence: "2", balanceMicro: "2000000" } } },
    });
  });

  pgTest("followers of one organization share what was read", async ({ db }) => {
    const [bus, organizationId] = [givenBus(), newId()];
    await write(db, organizationId, renamed("before"));
    const signal = signalOfTest();
    const follow = () => followOrganization({ db, bus, organizationId, after: 1n, signal });
    const both = [take(follow(), () => true), take(follow(), () => true)];
    await writeAndPublish(db, bus, organizationId, "after");
    const [one, two] = await Promise.all(both);
    expect(one?.map(told)).toEqual(["2"]);
    expect(two?.map(told)).toEqual(["2"]);
  });

  pgTest(
    "a follower far behind, or from another log, starts over at the head and misses nothing after it",
    async ({ db }) => {
      const [bus, organizationId] = [givenBus(), newId()];
      await write(db, organizationId, ...Array.from({ length: 20 }, (_, n) => renamed(n)));
      const signal = signalOfTest();
      const follow = (after: bigint) =>
        followOrganization({ db, bus, organizationId, after, replayAtMost: 10n, signal });
      const [behind, elsewhere, close] = [follow(9n), follow(10n ** 18n), follow(10n)];
      expect(await nextOf(behind)).toBe("reset to 20");
      expect(await nextOf(elsewhere)).toBe("reset to 20");
      expect(await nextOf(close)).toBe("11");
      await writeAndPublish(db, bus, organizationId, "next");
      expect(await nextOf(behind)).toBe("21");
      expect(await nextOf(elsewhere)).toBe("21");
      for (const steps of [behind, elsewhere, close]) await steps.return();
    },
  );

  pgTest("a log that lacks what comes next is answered by a reset, not by a hole", async ({ db, superuserDb }) => {
    const [bus, organizationId] = [givenBus(), newId()];
    await write(db, organizationId, ...[1, 2, 3, 4].map(renamed));
    await superuserDb.sql`DELETE FROM live.events WHERE organization_id = ${organizationId} AND sequence <= 2`;
    const follow = (after: bigint) =>
      take(followOrganization({ db, bus, organizationId, after, signal: signalOfTest() }), () => true);
    expect((await follow(1n)).map(told)).toEqual(["reset to 4"]);
    expect((await follow(2n)).map(told)).toEqual(["3"]);
  });

  pgTest("ends when the signal is aborted, while it waits, and lets go of the organization", async ({ db }) => {
    const [bus, organizationId] = [givenBus(), newId()];
    const ending = new AbortController();
    const watched: string[] = [];
    const spied: Bus = {
      ...bus,
      watchOrganization(id, wake) {
        watched.push("watch");
        const unwatch = bus.watchOrganization(id, wake);
        return () => {
          watched.push("unwatch");
          unwatch();
        };
      },
    };
    const steps = take(
      followOrganization({ db, bus: spied, organizationId, after: 0n, signal: ending.signal }),
      () => false,
    );
    await writeAndPublish(db, bus, organizationId, "x");
    ending.abort();
    await steps;
    expect(watched).toEqual(["watch", "unwatch"]);
  });

  pgTest("a read that fails is repeated, and nothing is missing afterwards", async ({ db }) => {
    const errors: unknown[] = [];
    const [bus, organizationId] = [givenBus({ onError: (error) => errors.push(error) }), newId()];
    let failuresLeft = 0;
    const breaking = withTransactions(db, (run) => {
      if (failuresLeft === 0) return run();
      failuresLeft -= 1;
      return Promise.reject(new Error("connection lost"));
    });
    const steps = followOrganization({ db: breaking, bus, organizationId, after: 0n, signal: signalOfTest() });
    await writeAndPublish(db, bus, organizationId, 1);
    expect((await steps.next()).value).toMatchObject({ logged: { sequence: 1n } });
    const next = steps.next();
    failuresLeft = 2;
    await writeAndPublish(db, bus, organizationId, 2);
    expect((await next).value).toMatchObject({ logged: { sequence: 2n } });
    expect(errors).toHaveLength(2);
    await steps.return();
  });

  pgTest("a wake-up that comes while the log is being read is not lost", async ({ db }) => {
    const [bus, organizationId] = [givenBus(), newId()];
    const [hasRead, mayAnswer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let reads = 0;
    /** Holds back the answer of the second read: the first after the gap. */
    const held = withTransactions(db, async (run) => {
      const result = await run();
      reads += 1;
      if (reads === 2) {
        hasRead.resolve();
        await mayAnswer.promise;
      }
      return result;
    });
    const steps = followOrganization({ db: held, bus, organizationId, after: 0n, signal: signalOfTest() });
    await write(db, organizationId, renamed(1));
    expect(await nextOf(steps)).toBe("1");
    const next = nextOf(steps);
    await writeAndPublish(db, bus, organizationId, 2);
    await hasRead.promise;
    await writeAndPublish(db, bus, organizationId, 3);
    mayAnswer.resolve();
    expect([await next, await nextOf(steps)]).toEqual(["2", "3"]);
    await steps.return();
  });
});

/** The same database, with something around each transaction. */
function withTransactions(db: Database, around: (run: () => Promise<unknown>) => Promise<unknown>): Database {
  const begin = (work: (sql: never) => Promise<unknown>) => around(() => db.sql.begin(work as never));
  const sql = new Proxy(db.sql, {
    get: (target, key, receiver) => (key === "begin" ? begin : Reflect.get(target, key, receiver)),
  });
  return { ...db, sql };
}

async function nextOf(steps: AsyncGenerator<Followed, void>): Promise<string> {
  const { value } = await steps.next();
  return value ? told(value) : "ended";
}
