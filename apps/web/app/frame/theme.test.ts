import { expect, test } from "vitest";
import { parseTheme, readTheme, themeCookie } from "./theme";

test("the theme is the system's unless the cookie says one of the two", () => {
  expect(readTheme(null)).toBe("system");
  expect(readTheme("a=1; theme=dark; b=2")).toBe("dark");
  expect(readTheme("theme=light")).toBe("light");
  expect(readTheme("theme=blue")).toBe("system");
  expect(readTheme("mytheme=dark")).toBe("system");
  expect(parseTheme("dark<script>")).toBe("system");
});

test("choosing the system's setting forgets the cookie", () => {
  expect(themeCookie("dark")).toMatch(/^theme=dark; Path=\/; Max-Age=31536000; HttpOnly; SameSite=Lax$/);
  expect(themeCookie("system")).toContain("Max-Age=0");
});
