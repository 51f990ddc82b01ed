import { type Database, openDatabase } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { createBus } from "@guildhall/live";
import { DAY_MS } from "@guildhall/shared";
import { describe, expect, onTestFinished } from "vitest";
import {
  eventually,
  givenLivePortal,
  givenOrganization,
  givenPerson,
  join,
  type LivePortal,
  type LivePortalOptions,
  type OwnedOrganization,
  rename,
  type SignedInPerson,
} from "./testing/live-portal.ts";
import { givenClient, openSocket, record } from "./testing/sockets.ts";

/** Subscribes as the page does; collects the names that it learns of, with their ids, and how the stream went. */
function follow(portal: LivePortal, person: SignedInPerson, organization: OwnedOrganization) {
  const { trpc, drop } = givenClient(portal, person);
  const seen: { id: string; told: string }[] = [];
  const ends: string[] = [];
  const input = { organization: organization.slug, lastEventId: "1" };
  const { unsubscribe } = trpc.live.organization.subscribe(input, {
    onData: ({ id, data }) => seen.push({ id, told: "name" in data.payload ? data.payload.name : data.type }),
    onComplete: () => ends.push("complete"),
    onError: (error) => ends.push(error.message),
    onStarted: () => ends.push("started"),
  });
  return { trpc, drop, seen, ends, unsubscribe };
}

const subscribeText = (id: number, slug: string) =>
  JSON.stringify({
    id,
    method: "subscription",
    params: { path: "live.organization", input: { organization: slug, lastEventId: "1" } },
  });

/** Everything holds whether the hub or tRPC's own adapter serves the streams. */
describe.each([
  ["the hub", false],
  ["tRPC's adapter", true],
])("with streams served by %s", (_, isHubOff) => {
  const givenPortal = (db: Database, options?: LivePortalOptions) => givenLivePortal(db, { ...options, isHubOff });

  async function givenOwner(db: Database, options?: LivePortalOptions) {
    const portal = await givenPortal(db, options);
    const owner = await givenPerson(portal);
    return { portal, owner, organization: await givenOrganization(portal, owner) };
  }

  describe("the page's own client", () => {
    pgTest("L1 receives what happens as typed, tracked events", async ({ db }) => {
      const { portal, owner, organization } = await givenOwner(db);
      const page = follow(portal, owner, organization);
      await eventually(() => expect(page.ends).toEqual(["started"]));
      await rename(portal, organization, "New");
      await eventually(() => expect(page.seen).toEqual([{ id: "2", told: "New" }]));
    });

    pgTest("L2 resumes after dropped connections: nothing missing, nothing twice, in order", async ({ db }) => {
      const { portal, owner, organization } = await givenOwner(db);
      const page = follow(portal, owner, organization);
      await eventually(() => expect(page.ends).toHaveLength(1));
      for (let n = 2; n <= 60; n += 1) {
        await rename(portal, organization, String(n));
        if (n % 7 === 0) page.drop();
      }
      const all = Array.from({ length: 59 }, (_, n) => ({ id: String(n + 2), told: String(n + 2) }));
      await eventually(() => expect(page.seen).toEqual(all));
      expect(portal.gateway.counts().liveOpened).toBeGreaterThan(3);
    });

    pgTest(
      "S2.14 L3 the removed get their removal, then the stream ends; a new one is refused like a stranger's",
      async ({ db }) => {
        const { portal, owner, organization } = await givenOwner(db);
        const member = await givenPerson(portal);
        await join(portal, organization, { user: member.user, role: "member" });
        const page = follow(portal, member, organization);
        await eventually(() => expect(page.ends).toEqual(["started"]));
        const { trpc } = givenClient(portal, owner);
        await trpc.members.remove.mutate({ organization: organization.slug, userId: member.user.id });
        await rename(portal, organization, "Secret");
        await eventually(() => expect(page.ends).toEqual(["started", "complete"]));
        expect(page.seen.map(({ told }) => told)).toEqual(["Ada", "Ada"]);
        const again = follow(portal, member, organization);
        await eventually(() => expect(again.ends).toEqual(["There is nothing here, or you may not see it."]));
        expect(again.seen).toEqual([]);
      },
    );

    pgTest("L1 a person hears of organizations that they join", async ({ db }) => {
      const { portal, organization } = await givenOwner(db);
      const person = await givenPerson(portal);
      const hints: unknown[] = [];
      givenClient(portal, person).trpc.live.person.subscribe(undefined, { onData: (hint) => hints.push(hint) });
      await eventually(() => expect(hints).toEqual([{ kind: "organizations_changed" }]));
      await join(portal, organization, { user: person.user, role: "member" });
      await eventually(() => expect(hints).toHaveLength(2));
    });

    pgTest("L1 what another process commits arrives", async ({ db, database }) => {
      const { portal, owner, organization } = await givenOwner(db);
      const page = follow(portal, owner, organization);
      await eventually(() => expect(page.ends).toEqual(["started"]));
      const elsewhere = openDatabase({ url: database.appUrl, maxConnections: 2 });
      const bus = createBus({ db: elsewhere, pollMs: 0 });
      onTestFinished(async () => {
        await bus.stop();
        await elsewhere.close();
      });
      await rename({ services: { ...portal.services, db: elsewhere, bus } }, organization, "From afar");
      await eventually(() => expect(page.seen).toEqual([{ id: "2", told: "From afar" }]));
    });
  });

  describe("a session that ends", () => {
    pgTest("L3 closes its sockets at once, with a code that the page can show; others stay", async ({ db }) => {
      const portal = await givenPortal(db);
      const [ada, bob] = [await givenPerson(portal), await givenPerson(portal)];
      const [adas, bobs] = [await openSocket(portal, ada), await openSocket(portal, bob)];
      const { closed } = record(adas);
      await portal.services.sessions.end(ada.sessionId);
      expect(await closed).toEqual({ code: 4401, reason: "session_ended" });
      expect(bobs.readyState).toBe(bobs.OPEN);
      await expect(openSocket(portal, ada)).rejects.toThrow("401");
    });

    pgTest("L3 in another process closes them, too", async ({ db, openSecondConnection }) => {
      const here = await givenPortal(db);
      const there = await givenLivePortal(openSecondConnection());
      const ada = await givenPerson(here);
      const { closed } = record(await openSocket(there, ada));
      // Until it listens, a process hears nothing; it asks when it begins to.
      await here.services.sessions.end(ada.sessionId);
      expect(await closed).toMatchObject({ code: 4401 });
    });

    pgTest("without anybody being told is noticed at the next message", async ({ db }) => {
      const { portal, owner, organization } = await givenOwner(db);
      const socket = await openSocket(portal, owner);
      const { messages, closed } = record(socket);
      await db.sql`DELETE FROM sessions WHERE id = ${owner.sessionId}`;
      socket.send(subscribeText(1, organization.slug));
      expect(await closed).toMatchObject({ code: 4401 });
      expect(messages.filter((message) => message.result)).toEqual([]);
    });

    pgTest("by expiring closes its sockets at the next heartbeat", async ({ db }) => {
      let nowMs = Date.now();
      const clock = { now: () => new Date(nowMs) };
      const portal = await givenPortal(db, { clock, limits: { heartbeatMs: 200 } });
      const { closed } = record(await openSocket(portal, await givenPerson(portal)));
      nowMs += 100 * DAY_MS;
      expect(await closed).toEqual({ code: 4401, reason: "session_ended" });
    });
  });

  describe("what one socket may do", () => {
    pgTest("a reader that does not read is dropped, and resumes where it was", async ({ db }) => {
      const { portal, owner, organization } = await givenOwner(db, {
        limits: { unreadBytes: 64 * 1024, closingMs: 50 },
      });
      const slow = await openSocket(portal, owner);
      const { messages } = record(slow);
      slow.send(subscribeText(1, organization.slug));
      await eventually(() => expect(messages).toHaveLength(1));
      slow.pause();
      const text = "x".repeat(500_000);
      let written = 0;
      while (portal.gateway.counts().liveDroppedSlow === 0 && written < 100) {
        await rename(portal, organization, `${written}${text}`);
        written += 1;
      }
      expect(portal.gateway.counts().liveDroppedSlow).toBe(1);
      const page = follow(portal, owner, organization);
      await rename(portal, organization, "last");
      // A page that does read gets everything, dropped now and then by the tiny limit of this test.
      await eventually(() => expect(page.seen.at(-1)?.told).toBe("last"));
      expect(page.seen.map(({ id }) => Number(id))).toEqual(Array.from({ length: written + 1 }, (_, n) => n + 2));
    });

    const violations: [what: string, data: string | Buffer][] = [
      ["text that is no JSON", "{"],
      ["binary data", Buffer.from("[]")],
      ["a batch of thousands", `[${"0,".repeat(5_000)}0]`],
      ["the same request id twice", `[${subscribeText(1, "x")},${subscribeText(1, "x")}]`],
    ];
    pgTest.for(violations)("%s closes it", async ([, data], { db }) => {
      const portal = await givenPortal(db);
      const socket = await openSocket(portal, await givenPerson(portal));
      const { closed } = record(socket);
      socket.send(data);
      expect(await closed).toEqual({ code: 1008, reason: "policy_violated" });
      expect(portal.gateway.counts().liveViolations).toBe(1);
    });

    pgTest.for(["PING", "[]", "0", "ping"])("a flood of %s closes it", async (text, { db }) => {
      const portal = await givenPortal(db, { limits: { messageBurst: 50, messagesPerSecond: 1 } });
      const socket = await openSocket(portal, await givenPerson(portal));
      const { closed } = record(socket);
      for (let n = 0; n < 100; n += 1) text === "ping" ? socket.ping() : socket.send(text);
      expect(await closed).toMatchObject({ code: 1008 });
    });

    pgTest("paths that lead nowhere are answered, and the socket stays", async ({ db }) => {
      const portal = await givenPortal(db);
      const socket = await openSocket(portal, await givenPerson(portal));
      const { messages } = record(socket);
      const paths = ["__proto__", "constructor.prototype", "live", "", "live.organization.x"];
      for (const [n, path] of paths.entries()) {
        socket.send(JSON.stringify({ id: n + 10, method: "query", params: { path, input: { __proto__: null } } }));
      }
      socket.send(JSON.stringify({ id: 99, method: "query", params: { path: "identity.me" } }));
      await eventually(() =>
        expect(messages.find(({ id }) => id === 99)).toMatchObject({ result: { data: { user: {} } } }),
      );
      expect(messages.filter(({ error }) => error)).toHaveLength(paths.length);
      expect(socket.readyState).toBe(socket.OPEN);
    });

    pgTest("messages of any other shape end their socket, uncounted ones among them, and no other", async ({ db }) => {
      const portal = await givenPortal(db);
      const person = await givenPerson(portal);
      const bystander = await openSocket(portal, person);
      const stream = { method: "subscription", params: { path: "live.person" } };
      const odd = [null, 0, {}, { id: 1, method: "query" }, { id: "x".repeat(70), ...stream }, { id: null, ...stream }];
      const texts = [
        ...odd.map((message) => JSON.stringify(message)),
        `{"id":1e999,${JSON.stringify(stream).slice(1)}`,
      ];
      for (const text of texts) {
        const socket = await openSocket(portal, person);
        const { closed } = record(socket);
        socket.send(text);
        expect(await closed, text.slice(0, 40)).toMatchObject({ code: 1008 });
      }
      expect(bystander.readyState).toBe(bystander.OPEN);
    });

    pgTest("subscriptions beyond the limit are answered, and a stopped one makes room", async ({ db }) => {
      const { portal, owner, organization } = await givenOwner(db, { limits: { subscriptions: 2 } });
      const socket = await openSocket(portal, owner);
      const { messages } = record(socket);
      for (const id of [1, 2, 3]) socket.send(subscribeText(id, organization.slug));
      await eventually(() => expect(messages).toHaveLength(3));
      const refused = messages.find(({ id }) => id === 3);
      expect(refused.error).toMatchObject({ data: { code: "TOO_MANY_REQUESTS", domainCode: "overloaded" } });
      socket.send(JSON.stringify({ id: 1, method: "subscription.stop" }));
      await eventually(() => expect(portal.gateway.counts().liveSubscriptions).toBe(1));
      socket.send(subscribeText(4, organization.slug));
      await eventually(() => expect(messages.at(-1)).toMatchObject({ id: 4, result: { type: "started" } }));
    });

    pgTest("events, answers and signs of life share it without breaking its frames", async ({ db }) => {
      const { portal, owner, organization } = await givenOwner(db);
      const socket = await openSocket(portal, owner);
      const { messages } = record(socket);
      const errors: Error[] = [];
      socket.on("error", (error) => errors.push(error));
      for (const id of [1, 2]) socket.send(subscribeText(id, organization.slug));
      await eventually(() => expect(messages).toHaveLength(2));
      for (let n = 0; n < 20; n += 1) {
        socket.send(n % 2 ? "PING" : JSON.stringify({ id: 100 + n, method: "query", params: { path: "identity.me" } }));
        socket.ping();
        await rename(portal, organization, "x".repeat(n * 40));
      }
      const idsOf = (request: number) =>
        messages.filter(({ id, result }) => id === request && result.type === "data").map(({ result }) => result.id);
      const all = Array.from({ length: 20 }, (_, n) => String(n + 2));
      await eventually(() => expect([idsOf(1), idsOf(2)]).toEqual([all, all]));
      await eventually(() => expect(messages.filter((message) => message === "PONG")).toHaveLength(10));
      await eventually(() => expect(messages.filter(({ id }) => id >= 100)).toHaveLength(10));
      expect(errors).toEqual([]);
    });

    pgTest("a stopped subscription gets nothing more, and its id can be used again", async ({ db }) => {
      const { portal, owner, organization } = await givenOwner(db);
      const socket = await openSocket(portal, owner);
      const { messages } = record(socket);
      const typesOf = (request: number) =>
        messages.filter(({ id }) => id === request).map(({ result }) => result.id ?? result.type);
      for (const id of [1, 2]) socket.send(subscribeText(id, organization.slug));
      await rename(portal, organization, "two");
      await eventually(() =>
        expect([typesOf(1), typesOf(2)]).toEqual([
          ["started", "2"],
          ["started", "2"],
        ]),
      );
      socket.send(JSON.stringify({ id: 1, method: "subscription.stop" }));
      await eventually(() => expect(typesOf(1)).toEqual(["started", "2", "stopped"]));
      await rename(portal, organization, "three");
      await eventually(() => expect(typesOf(2)).toEqual(["started", "2", "3"]));
      socket.send(subscribeText(1, organization.slug));
      await eventually(() => expect(typesOf(1)).toEqual(["started", "2", "stopped", "started", "2", "3"]));
    });

    pgTest("a stop that overtakes the start of its subscription still ends it", async ({ db }) => {
      const { portal, owner, organization } = await givenOwner(db);
      const socket = await openSocket(portal, owner);
      const { messages } = record(socket);
      socket.send(subscribeText(1, organization.slug));
      socket.send(JSON.stringify({ id: 1, method: "subscription.stop" }));
      await eventually(() => expect(messages.map(({ result }) => result.type)).toEqual(["started", "stopped"]));
      expect(portal.gateway.counts().liveSubscriptions).toBe(0);
    });

    pgTest("a sign-out over it is refused: it has no cookie to clear", async ({ db }) => {
      const portal = await givenPortal(db);
      const { trpc } = givenClient(portal, await givenPerson(portal));
      await expect(trpc.identity.signOut.mutate()).rejects.toMatchObject({ data: { domainCode: "forbidden" } });
    });
  });

  describe("stopping", () => {
    pgTest("tells pages to reconnect, closes with a reason, and refuses new sockets", async ({ db }) => {
      const portal = await givenPortal(db);
      const person = await givenPerson(portal);
      const { messages, closed } = record(await openSocket(portal, person));
      const stopped = portal.gateway.stop();
      await expect(openSocket(portal, person)).rejects.toThrow("503");
      expect(await closed).toEqual({ code: 1012, reason: "restarting" });
      expect(messages).toEqual([{ id: null, method: "reconnect" }]);
      await stopped;
      expect(portal.gateway.counts().liveConnections).toBe(0);
    });

    pgTest("does not wait for a socket that does not answer", async ({ db }) => {
      const portal = await givenPortal(db, { limits: { closingMs: 50 } });
      (await openSocket(portal, await givenPerson(portal))).pause();
      await portal.gateway.stop();
      expect(portal.gateway.counts().liveConnections).toBe(0);
    });
  });
});
