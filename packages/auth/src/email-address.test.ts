import { expect, test } from "vitest";
import { normalizeEmail } from "./email-address.ts";

test("an address is compared trimmed and in lower case", () => {
  expect(normalizeEmail("  Ada.Lovelace@Example.COM ")).toBe("ada.lovelace@example.com");
});

test("two addresses that merely look alike stay two", () => {
  expect(normalizeEmail("\u212Aim@example.com")).not.toBe("kim@example.com");
});
