import { isUuid, newId } from "@guildhall/shared";
import { expect, test } from "vitest";
import { usageIdOf } from "./usage-id.ts";

test("a UUID is the id, in lower case", () => {
  const key = newId();
  expect(usageIdOf(key)).toBe(key);
  expect(usageIdOf(key.toUpperCase())).toBe(key);
});

test("any other key becomes a UUID, always the same one, and another key another one", () => {
  const ids = ["order-17", "order-18", "Order-17", "", "x".repeat(200)].map(usageIdOf);
  expect(ids.every(isUuid)).toBe(true);
  expect(ids.map((id) => id[14])).toEqual(["8", "8", "8", "8", "8"]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(usageIdOf("order-17")).toBe(ids[0]);
});
