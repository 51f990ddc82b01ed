import { newId } from "@guildhall/shared";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readCursor, writeCursor } from "./organization-cursor.ts";

test("a place in the list survives being written into an address", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 100 }),
      fc.date({ noInvalidDate: true }),
      (name, createdAt) => {
        const place = { name, createdAt, id: newId() };
        expect(readCursor(writeCursor(place))).toEqual(place);
        expect(writeCursor(place)).toMatch(/^[\w-]+$/);
      },
    ),
  );
});

test("a text that nobody here wrote is no place, and no defect", () => {
  for (const text of ["", "x", "bnVsbA", "W10", "WyJhIiwiYiIsImMiXQ", "eyJhIjoxfQ"])
    expect(readCursor(text)).toBeUndefined();
});
