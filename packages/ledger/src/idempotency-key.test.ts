import { newId } from "@guildhall/shared";
import { expect, test } from "vitest";
import { hashToUuid, idOfKey, isKeyOfItself, toStoredFingerprint } from "./idempotency-key.ts";

test("a UUIDv7 is its own id, whatever its case", () => {
  const key = newId();
  expect(idOfKey(key)).toBe(key);
  expect(idOfKey(key.toUpperCase())).toBe(key);
});

test("any other text becomes the same UUIDv8 each time, which no UUIDv7 can be", () => {
  const uuidV4 = "3f2b8c1a-9d4e-4f6a-8b2c-1d3e5f7a9b0c";
  const ids = ["an order", "another order", uuidV4, `${newId()} `].map(idOfKey);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
  expect(idOfKey("an order")).toBe(ids[0]);
  expect(hashToUuid("an order")).toBe(ids[0]);
});

test("an id tells whether its key was the id itself", () => {
  const key = newId();
  expect([key, key.toUpperCase(), "an order", hashToUuid(key)].map((one) => isKeyOfItself(idOfKey(one)))).toEqual([
    ...[true, true, false, false],
  ]);
});

test("a fingerprint is hashed once, by the caller or here", () => {
  const hashed = hashToUuid('["Support",7]');
  expect(toStoredFingerprint('["Support",7]')).toBe(hashed);
  expect(toStoredFingerprint(hashed)).toBe(hashed);
  expect(toStoredFingerprint(newId())).toMatch(/^.{14}8/);
  expect(toStoredFingerprint(undefined)).toBeUndefined();
});
