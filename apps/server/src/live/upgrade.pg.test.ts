import { pgTest } from "@guildhall/db/testing";
import { describe, expect } from "vitest";
import { eventually, givenLivePortal, givenPerson, type LivePortal } from "./testing/live-portal.ts";
import { ask, openRaw, openRawUpgraded, openSocket, record, type UpgradeText, upgradeText } from "./testing/sockets.ts";

/** Shows that the process is up and the channel works. */
async function expectAlive(portal: LivePortal): Promise<void> {
  const socket = await openSocket(portal, await givenPerson(portal));
  const { messages } = record(socket);
  socket.send("PING");
  await eventually(() => expect(messages).toEqual(["PONG"]));
  socket.terminate();
  await eventually(() => expect(portal.gateway.counts().liveConnections).toBe(0));
}

describe("an upgrade is refused", () => {
  const refused: [what: string, request: UpgradeText, status: number][] = [
    ["to //", { target: "//" }, 404],
    ["to //live", { target: "//live" }, 404],
    ["to a path below", { target: "/live/" }, 404],
    ["with a query", { target: "/live?connectionParams=1" }, 404],
    ["to an absolute target", { target: "http://localhost/live" }, 404],
    ["to an encoded path", { target: "/%6Cive" }, 404],
    ["with a broken escape", { target: "/%" }, 404],
    ["with another method", { method: "PUT" }, 405],
    ["for Host: %", { headers: { Host: "%" } }, 403],
    ["without a Host", { headers: { Host: null } }, 403],
    ["for an empty Host", { headers: { Host: "" } }, 403],
    ["for a rebound name", { headers: { Host: "evil.example:80" } }, 403],
    ["for the right name at another port", { headers: { Host: "localhost:1" } }, 403],
    ["without an Origin", { headers: { Origin: null } }, 403],
    ["from the null Origin", { headers: { Origin: "null" } }, 403],
    ["from another site", { headers: { Origin: "https://evil.example" } }, 403],
    ["from a look-alike", { headers: { Origin: "http://localhost" } }, 403],
    ["without a session", {}, 401],
    ["with an unknown session", { headers: { Cookie: `session=${"a".repeat(43)}` } }, 401],
    ["with a broken cookie", { headers: { Cookie: "session=%E0%A4%A; =; ;;session; %=%" } }, 401],
    ["with the cookie of a secure site", { headers: { Cookie: `__Host-session=${"a".repeat(43)}` } }, 401],
  ];
  pgTest.for(refused)("%s", async ([, request, status], { db }) => {
    const portal = await givenLivePortal(db);
    expect(await ask(portal, upgradeText(portal, request))).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    await expectAlive(portal);
  });

  pgTest("with two Hosts, with too many headers, with none of WebSocket's own", async ({ db }) => {
    const portal = await givenLivePortal(db);
    const { cookie } = await givenPerson(portal);
    const withCookie = (headers: Record<string, string | null>) =>
      upgradeText(portal, { headers: { Cookie: cookie, ...headers } });
    const twoHosts = { Host: `localhost:${portal.port}\r\nHost: evil.example` };
    expect(await ask(portal, withCookie({ ...twoHosts, Origin: "http://evil.example" }))).toMatch(/^HTTP\/1.1 40[03] /);
    expect(await ask(portal, withCookie({ Filler: "x".repeat(64_000) }))).toMatch(/^HTTP\/1.1 431 /);
    expect(await ask(portal, withCookie({ "Sec-WebSocket-Key": null }))).toMatch(/^HTTP\/1.1 400 /);
    expect(await ask(portal, withCookie({ "Sec-WebSocket-Key": "short" }))).toMatch(/^HTTP\/1.1 400 /);
    expect(await ask(portal, withCookie({ "Sec-WebSocket-Version": "12" }))).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(await ask(portal, withCookie({ Upgrade: "h2c" }))).toMatch(/^HTTP\/1.1 400 /);
    await expectAlive(portal);
  });

  pgTest("and a refused socket that never reads or ends is let go", async ({ db }) => {
    const portal = await givenLivePortal(db);
    const socket = await openRaw(portal);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(upgradeText(portal, { target: "//" }));
    socket.resume();
    await closed;
    await expectAlive(portal);
  });

  pgTest("when the address, the person or the server has as many sockets as it may", async ({ db }) => {
    const portal = await givenLivePortal(db, { limits: { connectionsPerUser: 2, connectionsPerAddress: 3 } });
    const [ada, bob] = [await givenPerson(portal), await givenPerson(portal)];
    const first = await openSocket(portal, ada);
    await openSocket(portal, ada);
    await expect(openSocket(portal, ada)).rejects.toThrow("429");
    await openSocket(portal, bob);
    await expect(openSocket(portal, bob)).rejects.toThrow("429");
    first.terminate();
    await eventually(() => expect(portal.gateway.counts().liveConnections).toBe(2));
    await openSocket(portal, ada);
    expect(portal.gateway.counts()).toMatchObject({ liveConnections: 3, liveRefused: 2 });
  });

  pgTest("and a flood of upgrades under way counts like open sockets", async ({ db }) => {
    const portal = await givenLivePortal(db, { limits: { connectionsPerAddress: 4 } });
    const person = await givenPerson(portal);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => openSocket(portal, person)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
  });
});

describe("the process stays up", () => {
  const broken: [what: string, bytes: Buffer][] = [
    ["reserved bits", Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ["an unmasked frame", Buffer.from([0x81, 0x02, 0x68, 0x69])],
    ["an unknown opcode", Buffer.from([0x8b, 0x80, 0, 0, 0, 0])],
    ["a length of 2^63", Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ["a message over 64 KiB", maskedFrame(0x81, Buffer.alloc(64 * 1024 + 1, "x"))],
    ["a continuation of nothing", maskedFrame(0x80, Buffer.from("x"))],
    ["invalid UTF-8", maskedFrame(0x81, Buffer.from([0xc3, 0x28]))],
    ["a close frame with an invalid code", maskedFrame(0x88, Buffer.from([0x03, 0xed]))],
    ["a long control frame", maskedFrame(0x89, Buffer.alloc(126))],
    [
      "too many fragments",
      Buffer.concat(Array.from({ length: 40 }, (_, n) => maskedFrame(n ? 0x00 : 0x01, Buffer.from("x")))),
    ],
  ];
  pgTest.for(broken)("after %s, and the socket is gone", async ([, bytes], { db }) => {
    const portal = await givenLivePortal(db);
    const socket = await openRawUpgraded(portal, await givenPerson(portal));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(bytes);
    await closed;
    await eventually(() => expect(portal.gateway.counts().liveConnections).toBe(0));
    await expectAlive(portal);
  });

  pgTest("after sockets that are reset, half-closed, or cut in the middle of the upgrade", async ({ db }) => {
    const portal = await givenLivePortal(db, { limits: { closingMs: 50 } });
    const person = await givenPerson(portal);
    (await openRawUpgraded(portal, person)).resetAndDestroy();
    (await openRawUpgraded(portal, person)).end();
    (await openRawUpgraded(portal, person)).end(Buffer.from([0x81, 0xfe]));
    for (let n = 0; n < 20; n += 1) {
      const socket = await openRaw(portal);
      socket.write(upgradeText(portal, { headers: { Cookie: person.cookie } }));
      if (n % 2) socket.resetAndDestroy();
      else socket.end();
    }
    await eventually(() => expect(portal.gateway.counts().liveConnections).toBe(0));
    await expectAlive(portal);
  });

  pgTest("and a silent socket is terminated, one that answers pings stays", async ({ db }) => {
    const portal = await givenLivePortal(db, { limits: { heartbeatMs: 400 } });
    const person = await givenPerson(portal);
    const answering = await openSocket(portal, person);
    const silent = await openRawUpgraded(portal, person);
    await new Promise((resolve) => silent.once("close", resolve));
    await eventually(() => expect(portal.gateway.counts()).toMatchObject({ liveConnections: 1, liveDroppedSilent: 1 }));
    expect(answering.readyState).toBe(answering.OPEN);
  });
});

/** A frame as a client sends it, masked with zeros. */
function maskedFrame(firstByte: number, payload: Buffer): Buffer {
  const mask = Buffer.alloc(4);
  if (payload.length < 126) return Buffer.concat([Buffer.from([firstByte, 0x80 | payload.length]), mask, payload]);
  const header = Buffer.alloc(10);
  header[0] = firstByte;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, mask, payload]);
}
