import { expect, test } from "vitest";
import { exportPath, readListing, toPageInput, toSearch } from "./member-listing";

const read = (text: string) => readListing(new URLSearchParams(text));

test("the address says what is listed, and says nothing of what goes without saying", () => {
  const listing = read("search= hopper &role=admin&sort=-joined&cursor=abc");
  expect(listing).toEqual({ search: "hopper", role: "admin", sort: "joined", order: "desc", cursor: "abc" });
  expect(toSearch(listing)).toBe("?search=hopper&role=admin&sort=-joined");
  expect(toSearch(listing, { cursor: "next" })).toBe("?search=hopper&role=admin&sort=-joined&cursor=next");
  expect(toSearch(read(""))).toBe("");
  expect(toPageInput(read(""))).toEqual({ sort: "role", order: "asc" });
});

test("what the page does not know is left out", () => {
  expect(read("role=emperor&sort=-age")).toEqual({ search: "", role: "", sort: "role", order: "desc", cursor: null });
});

test("the file has the same rows as the page, from the first one on", () => {
  expect(exportPath("acme", read("search=a&sort=-name&cursor=x"))).toBe(
    "/o/acme/members.csv?sort=name&order=desc&search=a",
  );
});
