import { encode } from "uqr";
import { expect, test } from "vitest";
import { drawQr } from "./draw-qr.server";

test("the path covers exactly the dark squares", () => {
  const text = "otpauth://totp/Guildhall:ada@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Guildhall";
  const { size, path } = drawQr(text);
  const covered = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x = "", y = "", length = ""] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
    for (let n = 0; n < Number(length); n += 1) covered[Number(y)]![Number(x) + n] = true;
  expect(covered).toEqual(encode(text, { ecc: "M", border: 2 }).data);
  expect(path.replaceAll(/M\d+ \d+h\d+v1h-\d+z/g, "")).toBe("");
});
