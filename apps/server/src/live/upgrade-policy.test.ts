import { expect, test } from "vitest";
import { decideUpgrade, upgradeRules } from "./upgrade-policy.ts";

const rules = upgradeRules("/live", "https://portal.example.com", ["https://admin.example.com:8443"]);
const good = { method: "GET", target: "/live", host: "portal.example.com", origin: "https://portal.example.com" };

test("the public URL and further origins may upgrade, whatever the case of their name", () => {
  expect(decideUpgrade(good, rules)).toBeNull();
  expect(decideUpgrade({ ...good, host: "Portal.Example.com" }, rules)).toBeNull();
  const admin = { ...good, host: "admin.example.com:8443", origin: "https://admin.example.com:8443" };
  expect(decideUpgrade(admin, rules)).toBeNull();
});

test.each([
  [{ target: "/Live" }, 404],
  [{ target: "/live#x" }, 404],
  [{ target: undefined }, 404],
  [{ method: "get" }, 405],
  [{ host: "portal.example.com:443" }, 403],
  [{ host: "portal.example.com." }, 403],
  [{ host: undefined }, 403],
  [{ origin: "http://portal.example.com" }, 403],
  [{ origin: "https://portal.example.com/" }, 403],
  [{ origin: "https://portal.example.com.evil.example" }, 403],
  [{ origin: undefined }, 403],
])("%o is refused with %i", (wrong, status) => {
  expect(decideUpgrade({ ...good, ...wrong }, rules)).toMatchObject({ status });
});

test("an allowed origin that is no URL stops the start, not the first visitor", () => {
  expect(() => upgradeRules("/live", "https://portal.example.com", ["portal"])).toThrow(TypeError);
});
