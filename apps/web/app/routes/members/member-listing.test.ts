import { expect, test } from "vitest";
import { exportPath, readListing, toPageInput, toSearch } from "./member-listing";

const read = (text: string) => readListing(new URLSearchParams(text));

test("the address says what is listed, and says nothing of what goes without saying", () => {
  const listing = read("search= hopper &role=admin&seat=suspended&sort=-joined&cursor=abc");
  expect(listing).toEqual({
    ...{ search: "hopper", role: "admin", seat: "suspended" },
    ...{ sort: "joined", order: "desc", cursor: "abc" },
  });
  const address = "?search=hopper&role=admin&seat=suspended&sort=-joined";
  expect(toSearch(listing)).toBe(address);
  expect(toSearch(listing, { cursor: "next" })).toBe(`${address}&cursor=next`);
  expect(toPageInput(listing)).toMatchObject({ role: "admin", seat: "suspended" });
  expect(toPageInput(read("seat=none"))).toMatchObject({ seat: "none" });
  expect(toSearch(read(""))).toBe("");
  expect(toPageInput(read(""))).toEqual({ sort: "role", order: "asc" });
});

test("what the page does not know is left out", () => {
  expect(read("role=emperor&seat=throne&sort=-age")).toEqual({
    ...{ search: "", role: "", seat: "" },
    ...{ sort: "role", order: "desc", cursor: null },
  });
});

test("the file has the same rows as the page, from the first one on", () => {
  expect(exportPath("acme", read("search=a&seat=active&sort=-name&cursor=x"))).toBe(
    "/o/acme/members.csv?sort=name&order=desc&search=a&seat=active",
  );
});
