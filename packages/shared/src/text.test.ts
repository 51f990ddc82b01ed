import { expect, test } from "vitest";
import { isPlainLine, isStorable } from "./text.ts";

test("what Postgres cannot store is told before it is asked", () => {
  for (const text of ["a\u0000b", "\ud800", "\udc00x"]) expect(isStorable(text)).toBe(false);
  for (const text of ["", "Ada", "株式会社", "👩‍🔬", "line\nline"]) expect(isStorable(text)).toBe(true);
});

test("names that would deceive a reader are no plain lines", () => {
  for (const text of ["a\u0007", "a\nb", "\u202egnp.exe", "\u2066x", "\u200fx"]) expect(isPlainLine(text)).toBe(false);
  for (const text of ["Ada Lovelace", "Łukasz", "שלום", "👩‍🔬 Labs"]) expect(isPlainLine(text)).toBe(true);
});
