import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createSealer, SealError } from "./sealer.ts";

const given = (...keys: Buffer[]) => createSealer(keys.length > 0 ? keys : [randomBytes(32)]);

test("what was sealed comes back, for its purpose only", () => {
  const sealer = given();
  const sealed = sealer.seal("mail", "a token ünd ein Geheimnis 🔑");
  expect(sealed).not.toContain("token");
  expect(sealer.open("mail", sealed)).toBe("a token ünd ein Geheimnis 🔑");
  expect(() => sealer.open("second_factor", sealed)).toThrow(SealError);
});

test("the same text never looks the same twice", () => {
  const sealer = given();
  expect(sealer.seal("mail", "")).not.toBe(sealer.seal("mail", ""));
  expect(sealer.open("mail", sealer.seal("mail", ""))).toBe("");
});

test("a changed text does not open, whichever character was changed", () => {
  const sealer = given();
  const sealed = sealer.seal("mail", "secret");
  for (let at = 0; at < sealed.length; at += 1) {
    // The last character of base64url may carry bits that decode to nothing; all others count.
    if (at === sealed.length - 1) continue;
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    expect(() => sealer.open("mail", changed)).toThrow(SealError);
  }
  for (const text of ["", "s1", "s1..", "plain", sealed.slice(0, 20)]) {
    expect(() => sealer.open("mail", text)).toThrow(SealError);
  }
});

test("a new key in front seals from now on, and the old one still opens what it sealed", () => {
  const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
  const before = given(oldKey).seal("mail", "sealed before");
  const rotated = given(newKey, oldKey);
  expect(rotated.open("mail", before)).toBe("sealed before");
  const after = rotated.seal("mail", "sealed after");
  expect(given(newKey).open("mail", after)).toBe("sealed after");
  expect(() => given(newKey).open("mail", before)).toThrow("SECRET_KEY");
});

test("a key of another length is refused at once", () => {
  expect(() => createSealer([randomBytes(16)])).toThrow("32 bytes");
  expect(() => createSealer([])).toThrow("needs a key");
});
