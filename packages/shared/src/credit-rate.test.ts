import fc from "fast-check";
import { expect, test } from "vitest";
import { creditsFor, priceOf } from "./credit-rate.ts";

const amounts = fc.bigInt({ min: 0n, max: 10n ** 12n });
const rates = fc.bigInt({ min: 1n, max: 10n ** 9n });

test("S1.8 a payment converts exactly: split payments buy what one buys, and the way back gives the payment", () => {
  fc.assert(
    fc.property(rates, amounts, amounts, (microPerMinorUnit, one, other) => {
      const rate = { microPerMinorUnit };
      expect(creditsFor(rate, one) + creditsFor(rate, other)).toBe(creditsFor(rate, one + other));
      expect(priceOf(rate, creditsFor(rate, one))).toBe(one);
    }),
  );
});

test("an amount that no whole number of minor units buys has no price", () => {
  expect(priceOf({ microPerMinorUnit: 3n }, 10n)).toBeUndefined();
});
