import fc from "fast-check";
import { expect, test } from "vitest";
import { computeCost, type ModelPrice, priceAt } from "./price-policy.ts";

const day = (n: number) => new Date(Date.UTC(2026, 0, n));
const price = (model: string, from: Date, input = 1n, output = 2n): ModelPrice => ({
  model,
  effectiveFrom: from,
  inputMicroPerMillion: input,
  outputMicroPerMillion: output,
});

const perMillion = fc.bigInt({ min: 0n, max: 10n ** 12n });
const tokens = fc.bigInt({ min: 0n, max: 10n ** 9n });
const anyPrice = fc.record({ inputMicroPerMillion: perMillion, outputMicroPerMillion: perMillion });

test("S1.13 a small use costs its exact fraction of a credit", () => {
  const cheap = price("m", day(1), 150_000n, 600_000n);
  expect(computeCost(cheap, { inputTokens: 200_000n, outputTokens: 28_333n })).toBe(47_000n);
});

test("C9 the cost is the exact one rounded up to the next millionth, never more", () => {
  fc.assert(
    fc.property(anyPrice, tokens, tokens, (rates, inputTokens, outputTokens) => {
      const exact = inputTokens * rates.inputMicroPerMillion + outputTokens * rates.outputMicroPerMillion;
      const cost = computeCost({ ...price("m", day(1)), ...rates }, { inputTokens, outputTokens });
      expect(cost * 1_000_000n >= exact && (cost - 1n) * 1_000_000n < exact).toBe(true);
    }),
  );
});

test("splitting a use never makes it cheaper, and joining two saves at most one millionth", () => {
  fc.assert(
    fc.property(anyPrice, tokens, tokens, tokens, tokens, (rates, inputA, inputB, outputA, outputB) => {
      const at = { ...price("m", day(1)), ...rates };
      const parts =
        computeCost(at, { inputTokens: inputA, outputTokens: outputA }) +
        computeCost(at, { inputTokens: inputB, outputTokens: outputB });
      const whole = computeCost(at, { inputTokens: inputA + inputB, outputTokens: outputA + outputB });
      expect(parts - whole === 0n || parts - whole === 1n).toBe(true);
    }),
  );
});

test("no tokens and free models cost nothing", () => {
  expect(computeCost(price("m", day(1)), { inputTokens: 0n, outputTokens: 0n })).toBe(0n);
  expect(computeCost(price("m", day(1), 0n, 0n), { inputTokens: 9n, outputTokens: 9n })).toBe(0n);
});

test("the newest price not in the future holds, from its very first instant, whatever the order of the list", () => {
  const list = [price("m", day(5)), price("m", day(1)), price("m", day(9)), price("other", day(6))];
  expect(priceAt(list, "m", day(5))).toBe(list[0]);
  expect(priceAt(list, "m", new Date(day(5).getTime() - 1))).toBe(list[1]);
  expect(priceAt(list, "m", day(30))).toBe(list[2]);
});

test("a model without a price at that time has none", () => {
  expect(priceAt([price("m", day(5))], "m", day(4))).toBeUndefined();
  expect(priceAt([price("m", day(5))], "M", day(6))).toBeUndefined();
});
