import { expect, test } from "vitest";
import { addressOf, readSearch } from "./organization-search";

const at = (path: string) => new URL(path, "https://portal.example.com");

test("S0.3 search, order and page of the list stand in the address, and are read from it", () => {
  for (const search of [
    { search: "", sort: "name" },
    { search: "Ümlaut & Söhne", sort: "created" },
    { search: "acme", sort: "name", cursor: "WyJhIl0" },
  ] as const) {
    expect(readSearch(at(addressOf(search)))).toEqual(search);
  }
  expect(addressOf({ search: "", sort: "name" })).toBe("/admin/organizations");
});

test("what no page wrote into the address counts as left out", () => {
  expect(readSearch(at("/admin/organizations?sort=money&after=&search=%20%20"))).toEqual({ search: "", sort: "name" });
});
