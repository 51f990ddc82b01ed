import { expect, test } from "vitest";
import { amountText, exactCredits } from "./amount-text";

test.each([
  ["1000000000", "+1,000"],
  ["-47000", "−0.047"],
  ["-324", "−<0.001"],
  ["999", "+<0.001"],
  ["1000", "+0.001"],
  ["0", "0"],
])("C9 in a ledger %s millionths are %s", (amountMicro, text) => {
  expect(amountText(amountMicro, { isSigned: true })).toBe(text);
});

test("a cost that is too small to show is not free", () => {
  expect(amountText("324", { isSigned: false })).toBe("<0.001");
  expect(amountText("14938000", { isSigned: false })).toBe("14.938");
});

test("the exact amount has every millionth, and nothing more", () => {
  expect(exactCredits("-324")).toBe("−0.000324 credits");
  expect(exactCredits("9007199254740993000001")).toBe("9,007,199,254,740,993.000001 credits");
  expect(exactCredits("5000000")).toBe("5 credits");
});
