import { expect, test } from "vitest";
import { movedPath } from "./moved-path";

const at = (path: string) => new URL(path, "https://portal.example.com");

test("S3.8 a page keeps its path, its query and its place at the organization's new address", () => {
  const deep = at("/o/acme/wallet/statements?month=2026-11&kind=usage#row-3");
  expect(movedPath(deep, "acme", "acme-labs")).toBe("/o/acme-labs/wallet/statements?month=2026-11&kind=usage#row-3");
  expect(movedPath(at("/o/acme"), "acme", "zenith")).toBe("/o/zenith");
});

test("a page that is not under the old slug does not move", () => {
  for (const path of ["/o/acme-2/wallet", "/settings/organizations", "/o/other?back=/o/acme/", "/o/"]) {
    expect(movedPath(at(path), "acme", "zenith")).toBeUndefined();
  }
});
