import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { drive } from "./drive.ts";
import { interleave } from "./interleave.ts";
import { medianRatio, quantile } from "./statistics.ts";

test("every answered unit counts, however many requests are under way at once", async () => {
  let answered = 0;
  let underWay = 0;
  let most = 0;
  const startedMs = performance.now();
  const perSecond = await drive({ inFlight: 32, durationMs: 60 }, async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await sleep(1);
    underWay -= 1;
    answered += 3;
    return 3;
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  expect(most).toBe(32);
  expect(perSecond * seconds).toBeGreaterThanOrEqual(answered);
  expect(perSecond * seconds).toBeLessThan(answered * 1.5);
});

test("sides take turns after each was warmed up once, unmeasured", async () => {
  const order: string[] = [];
  const side = (name: string) => async () => order.push(name);
  const values = await interleave({ a: side("a"), b: side("b") }, { runs: 2 });
  expect(order).toEqual(["a", "b", "a", "b", "a", "b"]);
  expect(values).toEqual({ a: [3, 5], b: [4, 6] });
});

test("a ratio is the median of each round's own ratio", () => {
  expect(medianRatio([10, 200, 30], [1, 100, 1])).toBe(10);
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3], 1)).toBe(3);
  expect(quantile([], 0.5)).toBeNaN();
});
