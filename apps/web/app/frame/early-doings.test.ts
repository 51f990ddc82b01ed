import { expect, test } from "vitest";
import { isPressRecent } from "./early-doings";

test("a press before the scripts came counts for five seconds, no longer", () => {
  const press = { timeStamp: 1_000 };
  expect(isPressRecent(press, 1_000)).toBe(true);
  expect(isPressRecent(press, 6_000)).toBe(true);
  expect(isPressRecent(press, 6_001)).toBe(false);
});
