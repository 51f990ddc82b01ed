import { expect, test } from "vitest";
import { burnedText } from "./burned-text";

const lot = { lotId: "a", kind: "promotional" as const, amountMicro: "3000000", expiresAt: "2026-12-13T00:00:00.000Z" };

test("a transaction says which lots it took credits from, and which it gave them back to", () => {
  expect(burnedText([])).toBeUndefined();
  expect(burnedText(undefined)).toBeUndefined();
  expect(burnedText([lot, { ...lot, kind: "paid", amountMicro: "2500000", expiresAt: null }])).toBe(
    "from 3 promotional until 12 Dec 2026, 2.5 paid",
  );
  expect(burnedText([{ ...lot, amountMicro: "-1000000" }])).toBe("back to 1 promotional until 12 Dec 2026");
});
