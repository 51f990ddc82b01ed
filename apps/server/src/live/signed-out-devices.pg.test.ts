import { pgTest } from "@guildhall/db/testing";
import { HOUR_MS } from "@guildhall/shared";
import { expect } from "vitest";
import { eventually, givenLivePortal, givenPerson, type SignedInPerson } from "./testing/live-portal.ts";
import { givenClient, openSocket, record } from "./testing/sockets.ts";

/** No heartbeat comes to look: only the word that a session has ended can close a socket. */
const limits = { heartbeatMs: HOUR_MS };
const SIGNED_OUT = { code: 4401, reason: "session_ended" };

pgTest("a device that is signed out loses its sockets at once, at every portal of the database", async ({ db }) => {
  const [here, there] = [await givenLivePortal(db, { limits }), await givenLivePortal(db, { limits })];
  const ada = await givenPerson(here);
  const phone = await givenOtherDevice(here, ada);
  const closings = [];
  for (const portal of [here, there]) closings.push(record(await openSocket(portal, phone)).closed);
  const kept = await openSocket(there, ada);
  const { trpc } = givenClient(here, ada);
  const [listed] = (await trpc.sessions.list.query()).filter(({ isThisDevice }) => !isThisDevice);
  await trpc.sessions.end.mutate({ sessionId: listed?.sessionId ?? "" });
  expect(await Promise.all(closings)).toEqual([SIGNED_OUT, SIGNED_OUT]);
  expect(kept.readyState).toBe(kept.OPEN);
  await expect(openSocket(there, phone)).rejects.toThrow("401");
});

pgTest("signing all others out spares the device that asks, everywhere", async ({ db }) => {
  const [here, there] = [await givenLivePortal(db, { limits }), await givenLivePortal(db, { limits })];
  const ada = await givenPerson(here);
  const others = [await givenOtherDevice(here, ada), await givenOtherDevice(here, ada)];
  const closings = [];
  for (const other of others) closings.push(record(await openSocket(there, other)).closed);
  const stranger = await openSocket(there, await givenPerson(here));
  const { trpc } = givenClient(here, ada);
  expect(await trpc.sessions.endOthers.mutate()).toEqual({ count: 2 });
  expect(await Promise.all(closings)).toEqual([SIGNED_OUT, SIGNED_OUT]);
  expect(stranger.readyState).toBe(stranger.OPEN);
  expect(await trpc.sessions.list.query()).toMatchObject([{ isThisDevice: true }]);
});

pgTest("nobody signs somebody else's device out, or learns that there is one", async ({ db }) => {
  const portal = await givenLivePortal(db, { limits });
  const [ada, eve] = [await givenPerson(portal), await givenPerson(portal)];
  const socket = await openSocket(portal, ada);
  const { trpc } = givenClient(portal, eve);
  await trpc.sessions.end.mutate({ sessionId: ada.sessionId });
  await trpc.sessions.end.mutate({ sessionId: "0".repeat(64) });
  expect((await trpc.sessions.list.query()).map(({ sessionId }) => sessionId)).toEqual([eve.sessionId]);
  expect(await portal.services.sessions.validate(ada.cookie.replace("session=", ""))).not.toBeNull();
  expect(socket.readyState).toBe(socket.OPEN);
});

pgTest("L1 the other pages of a person hear that a device has come or gone", async ({ db }) => {
  const portal = await givenLivePortal(db, { limits });
  const ada = await givenPerson(portal);
  const phone = await givenOtherDevice(portal, ada);
  const hints: unknown[] = [];
  const { trpc } = givenClient(portal, ada);
  trpc.live.person.subscribe(undefined, { onData: (hint) => hints.push(hint) });
  await eventually(() => expect(hints).toHaveLength(1));
  await trpc.sessions.end.mutate({ sessionId: phone.sessionId });
  await eventually(() => expect(hints).toHaveLength(2));
});

/** The same person, signed in once more. */
async function givenOtherDevice(
  { services }: Awaited<ReturnType<typeof givenLivePortal>>,
  { user }: SignedInPerson,
): Promise<SignedInPerson> {
  const { id, token } = await services.sessions.create(user.id, { address: "192.0.2.9", userAgent: "Phone/1.0" });
  return { user, sessionId: id, cookie: `session=${token}` };
}
