import { Hono } from "hono";
import { expect, test } from "vitest";
import { signInCookieOf } from "./sign-in-cookie.ts";
import type { HttpVariables } from "./variables.ts";

const expiresAt = new Date("2026-03-03T08:10:00Z");

function given(publicUrl: string) {
  return new Hono<{ Variables: HttpVariables }>()
    .use(signInCookieOf(publicUrl))
    .post("/begin", (c) => {
      c.get("signInCookie").set("abc", expiresAt);
      return Response.redirect(publicUrl, 303);
    })
    .post("/finish", (c) => {
      c.get("signInCookie").clear();
      return c.text(c.get("signInCookie").read() ?? "none");
    })
    .get("*", (c) => c.text(c.get("signInCookie").read() ?? "none"));
}

test("on https it is bound to the host, out of scripts' reach, and sent by the portal's own pages only", async () => {
  const answer = await given("https://portal.example.com").request("/begin", { method: "POST" });
  expect(answer.headers.getSetCookie()).toEqual([
    "__Host-sign-in=abc; Path=/; Expires=Tue, 03 Mar 2026 08:10:00 GMT; HttpOnly; Secure; SameSite=Strict",
  ]);
});

test("at home, on plain http, it has the plain name", async () => {
  const app = given("http://localhost:3000");
  const answer = await app.request("/begin", { method: "POST" });
  expect(answer.headers.getSetCookie()[0]).toMatch(/^sign-in=abc; .*HttpOnly; SameSite=Strict$/);
  expect(await (await app.request("/", { headers: { cookie: "sign-in=abc" } })).text()).toBe("abc");
});

test("it is believed under its own name only, and never where keys count", async () => {
  const app = given("https://portal.example.com");
  const read = async (path: string, cookie: string) => (await app.request(path, { headers: { cookie } })).text();
  expect(await read("/", "__Host-sign-in=abc")).toBe("abc");
  expect(await read("/", "sign-in=abc; __Host-session=abc")).toBe("none");
  expect(await read("/api/v1/usage", "__Host-sign-in=abc")).toBe("none");
});

test("it is taken back when the sign-in is done, from browsers that have it", async () => {
  const app = given("http://localhost:3000");
  const finish = (headers = {}) => app.request("/finish", { method: "POST", headers });
  expect((await finish({ cookie: "sign-in=abc" })).headers.getSetCookie()[0]).toMatch(/^sign-in=; .*1970/);
  expect((await finish()).headers.getSetCookie()).toEqual([]);
});
