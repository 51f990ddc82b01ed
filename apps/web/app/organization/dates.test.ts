import { expect, test } from "vitest";
import { dayText, endOfDay, isDay, lastDayText, monthText } from "./dates";

test("days and months are written in words, whatever the machine speaks", () => {
  expect(dayText("2026-12-03")).toBe("3 Dec 2026");
  expect(monthText("2026-11")).toBe("November 2026");
});

test("what ends at midnight can be used until the day before", () => {
  expect(lastDayText(endOfDay("2026-12-12").toISOString())).toBe("12 Dec 2026");
  expect(lastDayText("2026-12-12T15:00:00.000Z")).toBe("12 Dec 2026");
  expect(endOfDay("2026-12-31").toISOString()).toBe("2027-01-01T00:00:00.000Z");
});

test("only days of the calendar are days", () => {
  expect(["2028-02-29", "2026-02-29", "2026-13-01", "2026-1-1", "", "tomorrow"].map(isDay)).toEqual([
    ...[true, false, false, false, false, false],
  ]);
  expect(["0000-01-01", "0001-01-01", "9999-12-30", "9999-12-31"].map(isDay)).toEqual([false, true, true, false]);
});
