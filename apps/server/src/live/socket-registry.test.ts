import { expect, test } from "vitest";
import { createSocketRegistry, type Registered } from "./socket-registry.ts";

const caps = { connections: 3, connectionsPerUser: 2, connectionsPerAddress: 2 };
const socketOf = (userId: string, id = "s"): Registered => ({ session: { id, userId } });

test("places are counted from the moment they are taken, in all and per address", () => {
  const registry = createSocketRegistry(caps);
  const first = registry.take("10.0.0.1");
  expect(registry.take("10.0.0.1")).toBeDefined();
  expect(registry.take("10.0.0.1")).toBeUndefined();
  expect(registry.take("10.0.0.2")).toBeDefined();
  expect(registry.take("10.0.0.3")).toBeUndefined();
  first?.release();
  first?.release();
  expect(registry.take("10.0.0.1")).toBeDefined();
  expect(registry.take("10.0.0.3")).toBeUndefined();
});

test("a person's sockets are counted across addresses, and found by session until released", () => {
  const registry = createSocketRegistry({ ...caps, connections: 9 });
  const places = ["10.0.0.1", "10.0.0.2"].map((address) => registry.take(address));
  for (const [n, place] of places.entries()) place?.fill(socketOf("ada", `s${n}`));
  expect(registry.take("10.0.0.3")?.hasRoomFor("ada")).toBe(false);
  expect(registry.take("10.0.0.4")?.hasRoomFor("bob")).toBe(true);
  expect(registry.ofSession("s1")).toHaveLength(1);
  places[1]?.release();
  expect(registry.ofSession("s1")).toEqual([]);
  expect(registry.size()).toBe(1);
  expect(registry.take("10.0.0.5")?.hasRoomFor("ada")).toBe(true);
});

test("a socket that closed before its place was filled takes none", () => {
  const registry = createSocketRegistry(caps);
  const place = registry.take("10.0.0.1");
  place?.release();
  place?.fill(socketOf("ada"));
  expect(registry.size()).toBe(0);
});
