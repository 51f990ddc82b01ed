import { newId } from "@guildhall/shared";
import { expect, test } from "vitest";
import { makeApiKey, parseApiKey } from "./api-key-token.ts";

test("a key names its organization and is recognized by its hash alone", () => {
  const organizationId = newId();
  const { key, hash, hint } = makeApiKey(organizationId);
  expect(key).toMatch(/^gh_[0-9a-f]{32}_[\w-]{43}$/);
  expect(parseApiKey(key)).toEqual({ organizationId, hash });
  expect(hash.length).toBe(32);
  expect(hint).toBe(`gh_…${key.slice(-4)}`);
});

test("two keys of one organization differ, and so does a key with one character changed", () => {
  const organizationId = newId();
  const [one, other] = [makeApiKey(organizationId), makeApiKey(organizationId)];
  expect(one.key).not.toBe(other.key);
  const changed = `${one.key.slice(0, -1)}${one.key.endsWith("A") ? "B" : "A"}`;
  expect(parseApiKey(changed)?.hash.equals(one.hash)).toBe(false);
});

test("anything else is no key", () => {
  const { key } = makeApiKey(newId());
  const others = [
    "",
    "gh_",
    key.slice(1),
    `${key}x`,
    key.slice(0, -1),
    key.toUpperCase(),
    ` ${key}`,
    `gi${key.slice(2)}`,
  ];
  expect(others.map(parseApiKey)).toEqual(others.map(() => undefined));
});
