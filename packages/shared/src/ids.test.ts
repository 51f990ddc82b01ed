import { expect, test } from "vitest";
import { isUuid, newId } from "./ids.ts";

test("ids are UUIDs of version 7, all different, also across the pages of random bytes", () => {
  const ids = Array.from({ length: 5_000 }, () => newId());
  expect(new Set(ids).size).toBe(5_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a later id sorts after an earlier one, and carries its time", () => {
  const early = newId(Date.UTC(2026, 0, 1));
  expect(early < newId(Date.UTC(2026, 0, 1) + 1)).toBe(true);
  expect(Number.parseInt(early.replaceAll("-", "").slice(0, 12), 16)).toBe(Date.UTC(2026, 0, 1));
});

test("only lower-case UUIDs count as ids", () => {
  expect(isUuid(newId())).toBe(true);
  for (const other of ["", "x", newId().toUpperCase(), `${newId()} `]) expect(isUuid(other)).toBe(false);
});
