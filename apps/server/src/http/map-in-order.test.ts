import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapInOrder } from "./map-in-order.ts";

/** Numbers from 0 on; says how many were taken. */
function given(count: number) {
  const state = { taken: 0, running: 0, mostRunning: 0 };
  async function* source() {
    for (; state.taken < count; state.taken += 1) yield state.taken;
  }
  const gates = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const work = async (item: number) => {
    state.running += 1;
    state.mostRunning = Math.max(state.mostRunning, state.running);
    await gates[item]?.promise;
    state.running -= 1;
    return item * 10;
  };
  return { state, source: source(), work, open: (item: number) => gates[item]?.resolve() };
}

test("results come in the order of the source, whichever is done first", async () => {
  const { source, work, open } = given(5);
  for (const item of [4, 2, 3, 0, 1]) open(item);
  expect(await Array.fromAsync(mapInOrder(source, work, 3))).toEqual([0, 10, 20, 30, 40]);
});

test("no more is under way than allowed, and no more is read than that while nobody takes results", async () => {
  const { state, source, work, open } = given(10);
  const results = mapInOrder(source, work, 2);
  const first = results.next();
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect(state).toMatchObject({ running: 2, mostRunning: 2 });
  for (let item = 0; item < 10; item += 1) open(item);
  expect((await first).value).toBe(0);
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect(state.taken).toBeLessThanOrEqual(3);
  expect(await Array.fromAsync(results)).toHaveLength(9);
  expect(state.mostRunning).toBe(2);
});

test("a result is handed out although the source brings nothing more yet", async () => {
  const { work, open } = given(1);
  open(0);
  async function* stalling() {
    yield 0;
    await new Promise(() => {});
  }
  expect((await mapInOrder(stalling(), work, 5).next()).value).toBe(0);
});

test("a source that fails fails the results", async () => {
  async function* failing(): AsyncGenerator<number> {
    yield 0;
    throw new Error("gone");
  }
  await expect(Array.fromAsync(mapInOrder(failing(), async (item) => item, 2))).rejects.toThrow("gone");
});
