import { type Database, withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { appendEvents, type Bus, createBus } from "@guildhall/live";
import { describe, expect, onTestFinished, vi } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import type { DeliveredFrame } from "./delivered-frame.ts";
import { createLiveHub, type LiveHub } from "./live-hub.ts";
import { MemberChannel } from "./member-channel.ts";
import type { Seat, Watcher } from "./watcher.ts";

type Db = Parameters<typeof givenServices>[0];

function givenLive(db: Db): Services {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  return services;
}

/** A watcher that keeps what it gets. */
function givenWatcher(more: Partial<Watcher> = {}) {
  const arrays: (readonly DeliveredFrame[])[] = [];
  const ends: unknown[] = [];
  const watcher: Watcher = {
    deliver: (frames) => void arrays.push(frames),
    drained: () => undefined,
    end: (failure) => void ends.push(failure),
    ...more,
  };
  return { watcher, arrays, ends, ids: () => arrays.flat().map(({ id }) => Number(id)) };
}

function join(hub: LiveHub, { organizationId, userId }: OrganizationActor, watcher: Watcher, from: number): Seat {
  const seat = hub.join({ kind: "organization", organizationId, userId, lastEventId: String(from) }, watcher);
  onTestFinished(() => seat.leave());
  return seat;
}

/** Appends so many events in one transaction, without waking anybody; returns what to publish. */
function append(
  { db }: Services,
  { organizationId }: OrganizationActor,
  count: number,
  audience: string[] | null = null,
) {
  const payload = { name: "x" };
  const event = { organizationId, type: "organization.renamed" as const, payload, audience, actorId: null };
  const events = Array.from({ length: count }, () => event);
  return withOrganization(db, organizationId, (tx) => appendEvents(tx.sql, events, new Date()));
}

async function write(services: Services, to: OrganizationActor, count: number, audience: string[] | null = null) {
  services.bus.publish(await append(services, to, count, audience));
}

const eventually = (assertion: () => void) => vi.waitFor(assertion, { timeout: 30_000, interval: 5 });
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, n) => from + n);

/** The bus, and which organizations and people are watched on it now. */
function spyOn(bus: Bus) {
  const watched: string[] = [];
  const noting = (key: string, unwatch: () => void) => {
    watched.push(key);
    return () => {
      watched.splice(watched.indexOf(key), 1);
      unwatch();
    };
  };
  const spied: Bus = {
    ...bus,
    watchOrganization: (id, wake) => noting(id, bus.watchOrganization(id, wake)),
    watchPerson: (id, wake) => noting(id, bus.watchPerson(id, wake)),
  };
  return { spied, watched };
}

/** The same database, with something before each transaction. */
function beforeTransactions(db: Database, before: () => Promise<void>): Database {
  const begin = (work: (sql: never) => Promise<unknown>) => before().then(() => db.sql.begin(work as never));
  const sql = new Proxy(db.sql, {
    get: (target, key, receiver) => (key === "begin" ? begin : Reflect.get(target, key, receiver)),
  });
  return { ...db, sql };
}

describe("the hub", () => {
  pgTest("gives the very same array to everybody of a role, and to each role what it may see", async ({ db }) => {
    const services = givenLive(db);
    const hub = createLiveHub(services);
    const owner = await givenOrganization(services);
    const [one, two] = [await givenMember(services, owner, "member"), await givenMember(services, owner, "member")];
    const watchers = [owner, owner, one, two].map((actor) => {
      const each = givenWatcher();
      join(hub, actor, each.watcher, 2);
      return each;
    });
    await eventually(() => watchers.forEach(({ ids }) => void expect(ids()).toEqual([3])));
    await write(services, owner, 2, ["owner"]);
    await write(services, owner, 1);
    await eventually(() => watchers.forEach(({ ids }) => void expect(ids().at(-1)).toBe(6)));
    const [owners, , members] = watchers.map(({ ids }) => ids());
    expect([owners, members]).toEqual([
      [3, 4, 5, 6],
      [3, 6],
    ]);
    expect(watchers[0]?.arrays.at(-1)).toBe(watchers[1]?.arrays.at(-1));
    expect(watchers[2]?.arrays.at(-1)).toBe(watchers[3]?.arrays.at(-1));
  });

  pgTest("holds nothing for an organization or a person that nobody watches any more", async ({ db }) => {
    const services = givenLive(db);
    const owner = await givenOrganization(services);
    const { spied, watched } = spyOn(services.bus);
    const hub = createLiveHub({ ...services, bus: spied });
    const [first, second] = [givenWatcher(), givenWatcher()];
    const seats = [first, second].map(({ watcher }) => join(hub, owner, watcher, 0));
    seats.push(hub.join({ kind: "person", userId: owner.userId }, givenWatcher().watcher));
    await eventually(() => expect(first.ids()).toEqual([1]));
    expect(watched).toEqual([owner.organizationId, owner.userId]);
    for (const seat of seats) {
      seat.leave();
      seat.leave();
    }
    expect(watched).toEqual([]);
    await write(services, owner, 1);
    const again = givenWatcher();
    join(hub, owner, again.watcher, 0);
    await eventually(() => expect(again.ids()).toEqual([1, 2]));
    expect(first.ids()).toEqual([1]);
  });

  pgTest("who leaves while the gap is being read gets nothing, and leaves nothing behind", async ({ db }) => {
    const services = givenLive(db);
    const owner = await givenOrganization(services);
    const { spied, watched } = spyOn(services.bus);
    let transactions = 0;
    const [reached, may] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = beforeTransactions(db, async () => {
      transactions += 1;
      if (transactions < 2) return;
      reached.resolve();
      await may.promise;
    });
    const hub = createLiveHub({ ...services, db: held, bus: spied });
    const leaving = givenWatcher();
    const seat = join(hub, owner, leaving.watcher, 0);
    await reached.promise;
    seat.leave();
    expect(watched).toEqual([]);
    may.resolve();
    const after = givenWatcher();
    join(hub, owner, after.watcher, 0);
    await eventually(() => expect(after.ids()).toEqual([1]));
    expect([leaving.arrays, leaving.ends]).toEqual([[], []]);
  });

  pgTest("who is made to leave by a delivery gets nothing after it, whoever it went to", async ({ db }) => {
    const services = givenLive(db);
    const hub = createLiveHub(services);
    const owner = await givenOrganization(services);
    const served: number[] = [];
    const seats = [0, 1].map((n) => {
      const deliver = () => {
        served.push(n);
        seats[1 - n]?.leave();
      };
      return join(hub, owner, givenWatcher({ deliver }).watcher, 1);
    });
    const staying = givenWatcher();
    join(hub, owner, staying.watcher, 0);
    await eventually(() => expect(staying.ids()).toEqual([1]));
    await write(services, owner, 1);
    await write(services, owner, 1);
    await eventually(() => expect(staying.ids()).toEqual([1, 2, 3]));
    expect(new Set(served).size).toBe(1);
  });

  pgTest("who leaves in the very delivery that catches them up gets nothing more", async ({ db }) => {
    const services = givenLive(db);
    const hub = createLiveHub(services);
    const owner = await givenOrganization(services);
    const staying = givenWatcher();
    join(hub, owner, staying.watcher, 0);
    await write(services, owner, 1);
    await eventually(() => expect(staying.ids()).toEqual([1, 2]));
    let deliveries = 0;
    const deliver = () => {
      deliveries += 1;
      seat.leave();
    };
    const seat = join(hub, owner, givenWatcher({ deliver }).watcher, 1);
    await eventually(() => expect(deliveries).toBe(1));
    await write(services, owner, 1);
    await eventually(() => expect(staying.ids()).toEqual([1, 2, 3]));
    expect(deliveries).toBe(1);
  });

  pgTest("an id that the log has not reached leads to a reset, also where others already watch", async ({ db }) => {
    const services = givenLive(db);
    const hub = createLiveHub(services);
    const owner = await givenOrganization(services);
    const [first, elsewhere] = [givenWatcher(), givenWatcher()];
    join(hub, owner, first.watcher, 0);
    await eventually(() => expect(first.ids()).toEqual([1]));
    join(hub, owner, elsewhere.watcher, 99);
    await eventually(() => expect(elsewhere.arrays).toMatchObject([[{ id: "1", frame: { type: "reset" } }]]));
    await write(services, owner, 1);
    await eventually(() => expect(elsewhere.ids()).toEqual([1, 2]));
  });

  pgTest("a failure while catching up ends the one stream with it, once", async ({ db }) => {
    const services = givenLive(db);
    const owner = await givenOrganization(services);
    let transactions = 0;
    const breaking = beforeTransactions(db, async () => {
      transactions += 1;
      if (transactions === 2) throw new Error("disk on fire");
    });
    const { spied, watched } = spyOn(services.bus);
    const hub = createLiveHub({ ...services, db: breaking, bus: spied });
    const failing = givenWatcher();
    join(hub, owner, failing.watcher, 0);
    await eventually(() => expect(failing.ends).toMatchObject([{ message: "disk on fire" }]));
    expect([failing.arrays, watched]).toEqual([[], []]);
  });

  pgTest("a watcher that takes no more is waited for in the middle of its gap, and misses nothing", async ({ db }) => {
    const services = givenLive(db);
    const hub = createLiveHub(services);
    const owner = await givenOrganization(services);
    await write(services, owner, 1_299);
    const isFull = Promise.withResolvers<void>();
    const may = Promise.withResolvers<void>();
    const slow = givenWatcher({
      drained() {
        if (slow.ids().length === 0) return undefined;
        isFull.resolve();
        return may.promise;
      },
    });
    join(hub, owner, slow.watcher, 0);
    await isFull.promise;
    await write(services, owner, 1);
    expect(slow.ids()).toEqual(upTo(500));
    may.resolve();
    await eventually(() => expect(slow.ids()).toEqual(upTo(1_301)));
  });

  pgTest("the person gets a hint at once, one after quick changes, and none after leaving", async ({ db }) => {
    const services = givenLive(db);
    const { arrays, watcher } = givenWatcher();
    // A bus of this process alone: one that listens to others touches everybody when it begins to hear them.
    const bus = createBus();
    const seat = createLiveHub({ ...services, bus }).join({ kind: "person", userId: "ada" }, watcher);
    expect(arrays).toEqual([]);
    await eventually(() => expect(arrays).toEqual([[{ id: null, frame: { kind: "organizations_changed" } }]]));
    for (let n = 0; n < 3; n += 1) bus.touchPerson("ada");
    await eventually(() => expect(arrays).toHaveLength(2));
    bus.touchPerson("ada");
    seat.leave();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(arrays).toHaveLength(2);
  });
});

pgTest("a watcher that leaves while it is slow to take gets nothing any more", async ({ db }) => {
  const services = givenLive(db);
  const owner = await givenOrganization(services);
  let takes = () => {};
  const drained = new Promise<void>((resolve) => {
    takes = resolve;
  });
  let isAsked = false;
  const { watcher, arrays } = givenWatcher({
    drained() {
      isAsked = true;
      return drained;
    },
  });
  const hub = createLiveHub(services);
  const other = givenWatcher();
  join(hub, owner, other.watcher, 1);
  await write(services, owner, 1);
  await eventually(() => expect(other.ids()).toEqual([2]));
  const seat = join(hub, owner, watcher, 2);
  await eventually(() => expect(isAsked).toBe(true));
  await write(services, owner, 3);
  await eventually(() => expect(other.ids()).toEqual([2, 3, 4, 5]));
  seat.leave();
  takes();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(arrays).toEqual([]);
});

pgTest("watchers that fall behind the feed's memory read the log again, and miss nothing", async ({ db }) => {
  const services = givenLive(db);
  const owner = await givenOrganization(services);
  let rounds = 0;
  const pace = {
    run: <T>(deliver: () => T) => deliver(),
    /** The first round waits until the feed has forgotten where it would have begun. */
    whenFree(begin: () => void) {
      rounds += 1;
      if (rounds === 1) setTimeout(begin, 1_500);
      else begin();
    },
  };
  const channel = new MemberChannel({ ...services, organizationId: owner.organizationId, pace, onEmpty() {} });
  const watchers = [givenWatcher(), givenWatcher()];
  for (const { watcher } of watchers) {
    const seat = channel.take({ userId: owner.userId, lastEventId: "0" }, watcher);
    onTestFinished(() => seat.leave());
  }
  await eventually(() => watchers.forEach(({ ids }) => void expect(ids()).toEqual([1])));
  await write(services, owner, 2_200);
  await eventually(() => watchers.forEach(({ ids }) => void expect(ids()).toEqual(upTo(2_201))));
});
