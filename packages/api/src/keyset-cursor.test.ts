import { newId } from "@guildhall/shared";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { cursorPart, readCursor, writeCursor } from "./keyset-cursor.ts";

const place = z.tuple([cursorPart.text, cursorPart.time, cursorPart.id]);
const FIRST_DAY = new Date("0001-01-01T00:00:00.000Z");
const LAST_DAY = new Date("9999-12-31T23:59:59.999Z");

test("a place in a list survives being written into an address", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 100 }).filter((text) => !text.includes("\0")),
      fc.date({ noInvalidDate: true, min: FIRST_DAY, max: LAST_DAY }),
      (name, at) => {
        const parts = [name, at, newId()];
        expect(readCursor(place, writeCursor(parts))).toEqual(parts);
        expect(writeCursor(parts)).toMatch(/^[\w-]+$/);
      },
    ),
  );
});

test("a text that nobody here wrote is refused as such, and no defect", () => {
  const right = ["Ada", "2026-01-01T00:00:00.000Z", newId()];
  const wrong = [[], right.slice(1), [...right, "more"], { ...right }, null, right.with(0, "a\0b"), right.with(2, "x")];
  for (const time of [
    "",
    "2026",
    "2026-02-30T00:00:00.000Z",
    "0000-01-01T00:00:00.000Z",
    "+275760-09-13T00:00:00.000Z",
  ])
    wrong.push(right.with(1, time));
  const written = wrong.map((parts) => writeCursor(parts as string[]));
  for (const cursor of ["", "x", "bnVsbA", ...written])
    expect(() => readCursor(place, cursor), cursor).toThrow("This is not the cursor of a page of this list.");
});
