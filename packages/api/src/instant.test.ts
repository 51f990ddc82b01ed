import { expect, test } from "vitest";
import { instant } from "./instant.ts";

test.each([
  "2026-11-22T10:00:00Z",
  "2026-11-22T10:00:00.123+05:30",
  "0001-01-01T00:00:00.000Z",
  "9999-12-31T23:59:59Z",
])("%s is a point in time", (text) => {
  expect(instant.parse(text)).toBe(text);
});

test.each(["0000-01-01T00:00:00.000Z", "0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00", "2026-11-22", "now"])(
  "%s is none that Postgres could be asked for",
  (text) => {
    expect(instant.safeParse(text).success).toBe(false);
  },
);
