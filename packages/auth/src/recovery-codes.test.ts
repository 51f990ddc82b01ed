import { expect, test } from "vitest";
import { createRecoveryCodes, hashRecoveryCode } from "./recovery-codes.ts";

const ADA = "01970000-0000-7000-8000-000000000001";
const BOB = "01970000-0000-7000-8000-000000000002";

test("ten codes, all different, easy to read and to type", () => {
  const codes = createRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
});

test("a code is the same however it is typed", () => {
  const hash = hashRecoveryCode(ADA, "0a1b-2c3d-4e5f-6g7h");
  expect(hash).toHaveLength(32);
  for (const typed of ["0a1b2c3d4e5f6g7h", " 0A1B 2C3D 4E5F 6G7H ", "OaIb-2c3d-4e5f-6g7h", "oalb2c3d4e5f6g7h"])
    expect(hashRecoveryCode(ADA, typed)).toEqual(hash);
});

test("the same code of two people is stored differently", () => {
  expect(hashRecoveryCode(ADA, "0a1b-2c3d-4e5f-6g7h")).not.toEqual(hashRecoveryCode(BOB, "0a1b-2c3d-4e5f-6g7h"));
});

test.each(["", "287082", "0a1b-2c3d-4e5f-6g7", "0a1b-2c3d-4e5f-6g7u", "0a1b-2c3d-4e5f-6g7h1"])(
  "no code: %j",
  (typed) => {
    expect(hashRecoveryCode(ADA, typed)).toBeUndefined();
  },
);
