import { describe, expect, test } from "vitest";
import { joinNewest, joinOlder, type Rows } from "./merge-rows";

const idOf = (row: number) => String(row);
const rows = (items: number[], nextCursor: string | null): Rows<number> => ({ items, nextCursor });

describe("a list in pages, newest first", () => {
  test("puts what is new before what is shown, and keeps the place where older rows begin", () => {
    expect(joinNewest(rows([5, 4, 3, 2, 1], "1"), rows([7, 6, 5], "5"), idOf)).toEqual(
      rows([7, 6, 5, 4, 3, 2, 1], "1"),
    );
  });

  test("shows the first page alone when more has happened than fits one page: no hole is ever shown", () => {
    expect(joinNewest(rows([5, 4, 3], "3"), rows([9, 8, 7], "7"), idOf)).toEqual(rows([9, 8, 7], "7"));
  });

  test("takes over an empty list, and ends where everything is shown", () => {
    expect(joinNewest(rows([], null), rows([2, 1], "1"), idOf)).toEqual(rows([2, 1], "1"));
    expect(joinNewest(rows([1], null), rows([2, 1], null), idOf)).toEqual(rows([2, 1], null));
  });

  test("appends an older page once", () => {
    const asked = { before: "4", older: rows([3, 2], "2"), idOf };
    const shown = joinOlder(rows([5, 4], "4"), asked);
    expect(shown).toEqual(rows([5, 4, 3, 2], "2"));
    expect(joinOlder(shown, asked)).toBe(shown);
  });

  test("leaves out rows of an older page that are shown already", () => {
    expect(joinOlder(rows([5, 4], "4"), { before: "4", older: rows([4, 3], "3"), idOf }).items).toEqual([5, 4, 3]);
  });

  test("appends no older page to a list that was begun anew while it was read: no hole is ever shown", () => {
    const asked = { before: "4", older: rows([3, 2, 1], null), idOf };
    const anew = joinNewest(rows([6, 5, 4], "4"), rows([260, 259, 258], "258"), idOf);
    expect(joinOlder(anew, asked)).toEqual(rows([260, 259, 258], "258"));
  });
});
