import { domainErrors, isDomainError } from "@guildhall/shared";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { requireOwnOrigin } from "./origin.ts";

const own = "https://portal.example.com";
const withSession = { cookie: "theme=dark; __Host-session=abc" };

function givenApp(publicUrl = own, allowedOrigins: string[] = []) {
  return new Hono()
    .use(requireOwnOrigin({ publicUrl, allowedOrigins }))
    .all("*", (c) => c.text("done"))
    .onError((error, c) => {
      if (!isDomainError(error)) throw error;
      return c.json({ code: error.code, message: error.message }, domainErrors[error.code].status);
    });
}

const post = async (headers: Record<string, string>, app = givenApp(), path = "/trpc/wallets.addCredits") =>
  (await app.request(`${own}${path}`, { method: "POST", headers })).status;

describe("what changes something", () => {
  test("passes from the portal's own pages", async () => {
    expect(await post({ ...withSession, origin: own })).toBe(200);
    expect(await post({ origin: own })).toBe(200);
  });

  test.each([
    "https://evil.example",
    "https://portal.example.com.evil.example",
    "https://evil-portal.example.com",
    "https://sub.portal.example.com",
    "http://portal.example.com",
    "https://portal.example.com:8443",
    "https://portal.example.com/",
    "HTTPS://PORTAL.EXAMPLE.COM",
    "null",
    "",
  ])("is refused from %s, with a session or without", async (origin) => {
    expect(await post({ ...withSession, origin })).toBe(403);
    expect(await post({ origin })).toBe(403);
  });

  test("without an Origin goes by the browser's word about the site, and by nothing short of same-origin", async () => {
    expect(await post({ ...withSession, "sec-fetch-site": "same-origin" })).toBe(200);
    for (const site of ["same-site", "cross-site", "none", ""]) {
      expect(await post({ ...withSession, "sec-fetch-site": site })).toBe(403);
      expect(await post({ "sec-fetch-site": site })).toBe(403);
    }
  });

  test("a foreign Origin is not outvoted by the browser's word", async () => {
    expect(await post({ origin: "https://evil.example", "sec-fetch-site": "same-origin" })).toBe(403);
  });

  test("without either is refused when it carries a session, and only then", async () => {
    expect(await post(withSession)).toBe(403);
    expect(await post({ cookie: "theme=dark" })).toBe(200);
    expect(await post({})).toBe(200);
  });

  test.each(["PUT", "PATCH", "DELETE", "PROPFIND"])("is judged under every method, also %s", async (method) => {
    const answer = await givenApp().request(own, {
      method,
      headers: { ...withSession, origin: "https://evil.example" },
    });
    expect(answer.status).toBe(403);
  });

  test("says which address to open", async () => {
    const answer = await givenApp().request(own, { method: "POST", headers: { origin: "http://127.0.0.1:3000" } });
    expect(await answer.json()).toEqual({ code: "wrong_origin", message: expect.stringContaining(own) });
  });

  test("passes from further origins that are configured", async () => {
    const app = givenApp("http://localhost:3000", ["http://127.0.0.1:3000/"]);
    expect(await post({ origin: "http://127.0.0.1:3000" }, app)).toBe(200);
    expect(await post({ origin: "http://localhost:3000" }, app)).toBe(200);
    expect(await post({ origin: "http://localhost:3001" }, app)).toBe(403);
  });
});

test("reading passes from everywhere", async () => {
  for (const method of ["GET", "HEAD", "OPTIONS"]) {
    const answer = await givenApp().request(own, {
      method,
      headers: { ...withSession, origin: "https://evil.example" },
    });
    expect(answer.status).toBe(200);
  }
});

test("a path that takes keys instead of cookies is open to every origin; one that only looks like it is not", async () => {
  const foreign = { ...withSession, origin: "https://evil.example" };
  expect(await post(foreign, givenApp(), "/api/v1/usage")).toBe(200);
  for (const path of ["/api", "/API/v1/usage", "//api/v1/usage", "/apiary", "/o/api/members"]) {
    expect(await post(foreign, givenApp(), path)).toBe(403);
  }
});
