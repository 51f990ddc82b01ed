import { isUuid, newId } from "@guildhall/shared";
import { expect, test } from "vitest";
import { rowKey } from "./row-key.ts";

test("keys are UUIDv7, grow with the rows and repeat with the run", () => {
  const run = newId();
  const rows = [1, 2, 255, 256, 257, 4_095, 4_096, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 2 ** 32 - 1];
  const keys = rows.map((row) => rowKey(run, row));
  expect(keys.every((key) => isUuid(key) && key[14] === "7" && "89ab".includes(key[19]!))).toBe(true);
  expect(keys.toSorted()).toEqual(keys);
  expect(rows.map((row) => rowKey(run, row))).toEqual(keys);
  expect(keys[0]!.slice(0, 13)).toBe(run.slice(0, 13));
});

test("two runs of the same millisecond share no key", () => {
  const [one, other] = [newId(1_700_000_000_000), newId(1_700_000_000_000)];
  const keys = [one, other].flatMap((run) => Array.from({ length: 500 }, (_, row) => rowKey(run, row)));
  expect(new Set(keys).size).toBe(1_000);
});
