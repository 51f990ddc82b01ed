import fc from "fast-check";
import { expect, test } from "vitest";
import { priceText } from "./credit-rate.ts";
import { formatMoney, parseMoney } from "./money.ts";

test("S1.8 money is read into whole minor units of its currency; a part of one is refused, never rounded", () => {
  expect(parseMoney("1,999.5", "EUR")).toBe(199_950n);
  expect(parseMoney(".05", "EUR")).toBe(5n);
  expect(parseMoney("1999", "JPY")).toBe(1_999n);
  expect(parseMoney("1.234", "KWD")).toBe(1_234n);
  for (const text of ["", ".", "-1", "1e3", "1.999", "1,99", "€5", "9".repeat(16)])
    expect(parseMoney(text, "EUR")).toBeUndefined();
  expect(parseMoney("1.5", "JPY")).toBeUndefined();
});

test("S1.8 what is shown of an amount reads back as that amount, in every currency", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      fc.constantFrom("EUR", "JPY", "KWD", "CLF"),
      (minor, currency) => {
        expect(parseMoney(formatMoney(minor, currency).slice(0, -4), currency)).toBe(minor);
      },
    ),
  );
});

test("S1.8 a price is said exactly: per credit, or per unit of the currency where a credit has no whole price", () => {
  expect(priceText({ microPerMinorUnit: 10_000n, currency: "EUR" })).toBe("1 credit costs 1.00 EUR");
  expect(priceText({ microPerMinorUnit: 333_333n, currency: "JPY" })).toBe("1 JPY buys 0.333333 credits");
});
