import { expect, test } from "vitest";
import { untilIdle } from "./until-idle.ts";

test("a source that ends is passed on as it is", async () => {
  async function* source() {
    yield* [1, 2, 3];
  }
  const seen: number[] = [];
  for await (const item of untilIdle(source(), 60_000, () => seen.push(-1))) seen.push(item);
  expect(seen).toEqual([1, 2, 3]);
});

test("a source that brings nothing is left, and what fails there later is nobody's", async () => {
  const silence = Promise.withResolvers<void>();
  async function* source() {
    yield 1;
    await silence.promise;
    yield 2;
  }
  const seen: (number | string)[] = [];
  for await (const item of untilIdle(source(), 10, () => seen.push("idle"))) seen.push(item);
  silence.reject(new Error("the connection is gone"));
  await new Promise(setImmediate);
  expect(seen).toEqual([1, "idle"]);
});
