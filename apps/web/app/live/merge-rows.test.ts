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
    const shown = joinOlder(rows([5, 4], "4"), rows([3, 2], "2"), idOf);
    expect(shown).toEqual(rows([5, 4, 3, 2], "2"));
    expect(joinOlder(shown, rows([3, 2], "2"), idOf).items).toEqual([5, 4, 3, 2]);
  });
});
