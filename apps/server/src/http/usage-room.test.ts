import { expect, test } from "vitest";
import { createUsageRoom } from "./usage-room.ts";

test("one organization cannot take the room of the others", () => {
  const room = createUsageRoom({ total: 10, perOrganization: 4 }, 3);
  room.enter("one", 4);
  expect(() => room.enter("one", 1)).toThrow(
    expect.objectContaining({ code: "overloaded", details: { retryAfterSeconds: 3 } }),
  );
  room.enter("two", 4);
  room.enter("three", 2);
  expect(() => room.enter("four", 1)).toThrow(expect.objectContaining({ code: "overloaded" }));
  room.leave("three", 2);
  room.enter("four", 2);
  room.leave("one", 4);
  room.enter("one", 4);
});

test("those who wait are let in organization by organization, each in the order in which it came", async () => {
  const room = createUsageRoom({ total: 2, perOrganization: 2 }, 1);
  const entered: string[] = [];
  const wait = (organizationId: string, name: string) =>
    void room.waitToEnter(organizationId, 1).then(() => entered.push(name));
  room.enter("one", 2);
  for (const name of ["a1", "a2", "a3"]) wait("one", name);
  wait("two", "b1");
  await Promise.resolve();
  expect(entered).toEqual([]);
  for (let turn = 0; turn < 4; turn += 1) {
    room.leave(turn < 3 ? "one" : "two", 1);
    await Promise.resolve();
  }
  expect(entered).toEqual(["a1", "b1", "a2", "a3"]);
});

test("who has its share waits without keeping others out", async () => {
  const room = createUsageRoom({ total: 4, perOrganization: 2 }, 1);
  const entered: string[] = [];
  room.enter("one", 2);
  void room.waitToEnter("one", 2).then(() => entered.push("one"));
  void room.waitToEnter("two", 2).then(() => entered.push("two"));
  await Promise.resolve();
  expect(entered).toEqual(["two"]);
  room.leave("one", 2);
  await Promise.resolve();
  expect(entered).toEqual(["two", "one"]);
});
