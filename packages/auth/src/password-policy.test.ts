import { describe, expect, test } from "vitest";
import { commonPasswords } from "./common-passwords.ts";
import { findPasswordWeakness, normalizePassword } from "./password-policy.ts";

describe("a password may", () => {
  test.each([
    "a quiet harbour",
    "correct horse battery",
    "tr0ub4dor&3",
    "пароль нового дня",
    "日本語のパスワード",
    "👩‍🚀🪐🌙⭐️🌍🚀🛰️☄️🌌",
  ])("be chosen when it is long enough and not known: %s", (password) =>
    expect(findPasswordWeakness(password)).toBeNull(),
  );

  test.each([
    "password",
    "Password123!",
    "12345678",
    "QWERTYUIOP",
    "1qaz2wsx",
    "iloveyou",
    "Sunshine2024",
    "!!letmein!!",
    "guildhall1",
  ])("not be among the first to be guessed: %s", (password) =>
    expect(findPasswordWeakness(password)).toBe("too_common"),
  );

  test("not be shorter than eight characters as a person counts them", () => {
    expect(findPasswordWeakness("quiet77")).toBe("too_short");
    expect(findPasswordWeakness("🦊🦉🐢🐙")).toBe("too_short");
    expect(findPasswordWeakness("quietly7")).toBeNull();
  });

  test("not be longer than two hundred, also not after normalizing", () => {
    const long = "abcd efgh ".repeat(20);
    expect(findPasswordWeakness(long)).toBeNull();
    expect(findPasswordWeakness(`${long}x`)).toBe("too_long");
    expect(findPasswordWeakness("ﷺ".repeat(100))).toBe("too_long");
  });

  test("not repeat a few characters", () => {
    expect(findPasswordWeakness("aaaaaaaaaaaa")).toBe("too_simple");
    expect(findPasswordWeakness("abcabcabcabc")).toBe("too_simple");
  });

  test("not be the person's name or address, with digits around it or without", () => {
    const about = ["Ada Lovelace", "countess@example.com"];
    for (const password of ["ada lovelace", "AdaLovelace", "lovelace1815", "countess@example.com", "Countess!!"]) {
      expect(findPasswordWeakness(password, about)).toBe("personal");
    }
    expect(findPasswordWeakness("lovelace in the harbour", about)).toBeNull();
  });
});

test("the list of common passwords holds no entry that another rule or its folding makes unreachable", () => {
  for (const entry of commonPasswords) {
    expect(entry).toBe(normalizePassword(entry).toLowerCase());
    expect(entry.length).toBeGreaterThanOrEqual(6);
  }
});
