import { liveCloseCodes } from "@guildhall/live/events";
import { describe, expect, test } from "vitest";
import { createConnection } from "./connection";

function givenConnection() {
  let nowMs = 1_000;
  const connection = createConnection(() => nowMs);
  const states: string[] = [];
  connection.subscribe(() => states.push(connection.get().state));
  return { connection, states, at: (ms: number) => (nowMs = ms) };
}

describe("L5 the connection state", () => {
  test("is connecting before the first connection, then live", () => {
    const { connection, states } = givenConnection();
    expect(connection.get()).toEqual({ state: "connecting", lastLiveAtMs: undefined, isSessionOver: false });
    connection.opened();
    expect(states).toEqual(["live"]);
  });

  test("remembers when the page was last up to date", () => {
    const { connection, at } = givenConnection();
    connection.opened();
    at(5_000);
    connection.closed();
    at(9_000);
    connection.closed();
    expect(connection.get()).toMatchObject({ state: "reconnecting", lastLiveAtMs: 5_000 });
  });

  test("says offline when the browser is, and reconnecting when it is back", () => {
    const { connection, states } = givenConnection();
    connection.opened();
    connection.online(false);
    connection.closed();
    connection.online(true);
    connection.opened();
    expect(states).toEqual(["live", "offline", "reconnecting", "live"]);
  });

  test("a first connection that is refused counts as lost: the page was up to date when it was rendered", () => {
    const { connection } = givenConnection();
    connection.closed();
    expect(connection.get()).toMatchObject({ state: "reconnecting", lastLiveAtMs: 1_000 });
  });

  test("L3 knows the close code of an ended session", () => {
    const { connection } = givenConnection();
    connection.opened();
    connection.closed(liveCloseCodes.sessionEnded);
    expect(connection.get().isSessionOver).toBe(true);
    connection.opened();
    connection.closed(liveCloseCodes.restarting);
    expect(connection.get().isSessionOver).toBe(false);
  });
});
