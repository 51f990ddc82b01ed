import { newId } from "@guildhall/shared";
import { expect, test } from "vitest";
import { exportPath, readFilters, toSearch } from "./audit-filters";

const actor = newId();

test("the address's filters become those of the API: whole days of UTC, the last one included", () => {
  const { input, errors, isActive } = readFilters(
    new URLSearchParams({ actor, kind: "member", from: "2026-11-01", to: "2026-11-30" }),
  );
  expect(input).toEqual({ actor, kind: "member", from: "2026-11-01T00:00:00.000Z", to: "2026-12-01T00:00:00.000Z" });
  expect(errors).toEqual({});
  expect(isActive).toBe(true);
  expect(readFilters(new URLSearchParams("actor=&kind=")).isActive).toBe(false);
});

test("what cannot be read is said at its field and not asked for", () => {
  const { input, errors } = readFilters(
    new URLSearchParams({ actor: "ada", kind: "theft", from: "30.11.2026", to: "2026-02-30" }),
  );
  expect(input).toEqual({});
  expect(Object.keys(errors).sort()).toEqual(["actor", "from", "kind", "to"]);
  expect(readFilters(new URLSearchParams("from=2026-11-30&to=2026-11-01")).errors.to).toContain("not before");
});

test("filters and the place in the log go through the address and back; the files carry them along", () => {
  const typed = { actor, kind: "api_key", from: "2026-11-01", to: "" };
  const search = toSearch(typed, { before: "7" });
  expect(search).toBe(`?actor=${actor}&kind=api_key&from=2026-11-01&before=7`);
  const read = readFilters(new URLSearchParams(search));
  expect(read.typed).toEqual(typed);
  expect(exportPath("acme", read.input, "json")).toBe(
    `/o/acme/audit/audit.json?actor=${actor}&kind=api_key&from=${encodeURIComponent("2026-11-01T00:00:00.000Z")}`,
  );
  expect(exportPath("acme", {}, "csv")).toBe("/o/acme/audit/audit.csv");
});
