import { describe, expect, test } from "vitest";
import { pagesFor, samePageIn } from "./pages";

describe("L4 switching the organization", () => {
  test("keeps the page that is open", () => {
    expect(samePageIn("beta", "/o/alpha/wallet")).toBe("/o/beta/wallet");
    expect(samePageIn("beta", "/o/alpha/wallet/statements")).toBe("/o/beta/wallet/statements");
    expect(samePageIn("beta", "/o/alpha/settings/api-keys/")).toBe("/o/beta/settings/api-keys");
    expect(samePageIn("beta", "/o/alpha")).toBe("/o/beta");
  });

  test("leads to the overview from pages that others do not have", () => {
    expect(samePageIn("beta", "/o/alpha/setup")).toBe("/o/beta");
    expect(samePageIn("beta", "/settings/account")).toBe("/o/beta");
  });
});

test("S2.10 the sidebar shows what the role opens, and nothing else", () => {
  const labels = (permissions: string[]) => pagesFor(permissions).map(({ label }) => label);
  expect(labels(["organization.read", "members.read", "wallet.read"])).toEqual([
    "Overview",
    "Members",
    "Wallet",
    "General",
  ]);
  expect(labels(["organization.read", "members.read", "wallet.read", "usage.read", "api_keys.manage"])).toEqual([
    "Overview",
    "Members",
    "Wallet",
    "Usage",
    "General",
    "API keys",
  ]);
});
