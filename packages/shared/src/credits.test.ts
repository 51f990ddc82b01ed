import fc from "fast-check";
import { expect, test } from "vitest";
import { addCredits, formatCredits, formatSignedCredits, MICRO_PER_CREDIT, parseCredits } from "./credits.ts";

test("C9 credits show thousands separators and at most three decimals, without trailing zeros", () => {
  expect(formatCredits(6_177_061n * MICRO_PER_CREDIT)).toBe("6,177,061");
  expect(formatCredits("47000")).toBe("0.047");
  expect(formatCredits(9_953_500_000n)).toBe("9,953.5");
  expect(formatCredits(0n)).toBe("0");
  expect(formatCredits(-1_234_567_890n)).toBe("−1,234.567");
});

test("C9 what is beyond the third decimal is cut: the page never shows more than there is", () => {
  expect(formatCredits(999_999n)).toBe("0.999");
  expect(formatCredits(999n)).toBe("0");
  expect(formatCredits(-999n)).toBe("0");
});

test("a ledger always shows the sign", () => {
  expect(formatSignedCredits(1_000n * MICRO_PER_CREDIT)).toBe("+1,000");
  expect(formatSignedCredits(-47_000n)).toBe("−0.047");
  expect(formatSignedCredits(0n)).toBe("0");
});

test("every amount that can be written with six decimals is read back exactly", () => {
  const amounts = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
  fc.assert(
    fc.property(amounts, (micro) => {
      const digits = (micro < 0n ? -micro : micro).toString().padStart(7, "0");
      const text = `${micro < 0n ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
      expect(parseCredits(text)).toBe(micro);
    }),
  );
});

test("what is no amount, too fine or too large is refused, never rounded", () => {
  for (const text of ["", ".", "1.0000001", "1,00", "1e3", "abc", "1 000", "--1", "1000000001", "0x10", "∞"]) {
    expect(parseCredits(text), text).toBeUndefined();
  }
  expect(parseCredits(" 1,000.5 ")).toBe(1_000_500_000n);
  expect(parseCredits(".5")).toBe(500_000n);
  expect(parseCredits("−2")).toBe(-2n * MICRO_PER_CREDIT);
});

test("sums of amounts on the wire are exact beyond what a number can hold", () => {
  expect(addCredits("9007199254740993", 1n, "-1")).toBe("9007199254740993");
});
