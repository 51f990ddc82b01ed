import { expect, test } from "vitest";
import { namedSearch, readNamedListing, toNamedPart } from "./named-listing";

test("a dialog over a later part of a search keeps both in the address, and is left with both", () => {
  const listing = readNamedListing(new URLSearchParams("search=%20field%20ops%20&cursor=abc&dialog=remove"));
  expect(listing).toEqual({ search: "field ops", cursor: "abc" });
  expect(toNamedPart(listing)).toEqual(listing);
  expect(namedSearch(listing, { dialog: "remove" })).toBe("?search=field+ops&cursor=abc&dialog=remove");
  expect(namedSearch(listing, { cursor: null })).toBe("?search=field+ops");
  expect(namedSearch(readNamedListing(new URLSearchParams()))).toBe("");
  expect(toNamedPart({ search: "", cursor: null })).toEqual({});
});
