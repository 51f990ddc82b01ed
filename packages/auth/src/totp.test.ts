import { expect, test } from "vitest";
import { createTotpSecret, findTotpStep, totpCodeAt, totpUri } from "./totp.ts";

/** RFC 6238, appendix B: the shared secret "12345678901234567890" in base32, and its codes cut to six digits. */
const RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

test.each([
  [59, "287082"],
  [1111111109, "081804"],
  [1234567890, "005924"],
  [20000000000, "353130"],
])("codes are those of RFC 6238, at %i s", (seconds, code) => {
  expect(totpCodeAt(RFC_SECRET, new Date(seconds * 1000))).toBe(code);
  expect(findTotpStep(RFC_SECRET, code, new Date(seconds * 1000))).toBe(Math.floor(seconds / 30));
});

test("a code counts one step early or late, and no further", () => {
  const secret = createTotpSecret();
  const at = new Date("2026-03-03T08:00:10Z");
  const step = Math.floor(at.getTime() / 30_000);
  const code = totpCodeAt(secret, at);
  const found = [-60, -30, 0, 30, 60].map((s) => findTotpStep(secret, code, new Date(at.getTime() + s * 1000)));
  expect(found).toEqual([undefined, step, step, step, undefined]);
});

test("a code may be typed as apps show it, with a gap", () => {
  expect(findTotpStep(RFC_SECRET, " 287 082 ", new Date(59_000))).toBe(1);
});

test.each(["", "28708", "2870820", "28708a", "２８７０８２", "0x1234"])("what is no code is none: %j", (code) => {
  expect(findTotpStep(RFC_SECRET, code, new Date(59_000))).toBeUndefined();
});

test("an app is told whose account it is, and where", () => {
  const secret = createTotpSecret();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const uri = new URL(totpUri(secret, "ada@example.com"));
  expect(decodeURIComponent(uri.pathname)).toContain("Guildhall:ada@example.com");
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({
    secret,
    issuer: "Guildhall",
    digits: "6",
    period: "30",
  });
});
