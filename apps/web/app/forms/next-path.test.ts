import { expect, test } from "vitest";
import { nextPath } from "./next-path";

test("a deep link survives sign-in, with its search and its fragment", () => {
  expect(nextPath("/o/acme/wallet?dialog=add-credits#top")).toBe("/o/acme/wallet?dialog=add-credits#top");
});

test.each([
  "https://evil.example",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/.//evil.example",
  "/..//evil.example",
  "javascript:alert(1)",
  "evil.example",
  "",
  null,
  undefined,
  `/${"a".repeat(3_000)}`,
])("never leads to another origin: %j", (wanted) => {
  expect(nextPath(wanted)).toBe("/");
});
