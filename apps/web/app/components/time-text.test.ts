import { describe, expect, test } from "vitest";
import { exactTime, relativeTime } from "./time-text";

const NOW = Date.parse("2025-03-12T12:00:00.000Z");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("a moment, relative", () => {
  test.each([
    [-5 * SECOND, "just now"],
    [10 * SECOND, "just now"],
    [-MINUTE, "1 min ago"],
    [-59 * MINUTE - 59 * SECOND, "59 min ago"],
    [-HOUR, "1 h ago"],
    [-DAY, "1 day ago"],
    [-6 * DAY, "6 days ago"],
    [-7 * DAY, "5 Mar 2025"],
    [2 * HOUR, "in 2 h"],
    [3 * DAY, "in 3 days"],
    [DAY + HOUR, "in 1 day"],
    [7 * DAY - SECOND, "in 7 days"],
    [7 * DAY + SECOND, "in 7 days"],
    [8 * DAY, "20 Mar 2025"],
  ])("%i ms away is %j", (distance, text) => {
    expect(relativeTime(NOW + distance, NOW)).toBe(text);
  });
});

test("the exact time names its zone", () => {
  expect(exactTime("2025-03-12T12:03:09.000Z", "UTC")).toBe("12 Mar 2025, 12:03:09 (UTC)");
  expect(exactTime("2025-07-12T12:03:09.000Z", "Europe/Berlin")).toBe("12 Jul 2025, 14:03:09 (Europe/Berlin)");
});
