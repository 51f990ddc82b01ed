import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { type SecurityHeadersOptions, securityHeaders } from "./security-headers.ts";
import type { HttpVariables } from "./variables.ts";

const publicUrl = "https://portal.example.com";
const person = { id: "ada", name: "Ada", email: "ada@example.com", isPlatformAdmin: false };

function givenApp(options: Partial<SecurityHeadersOptions> = {}) {
  return new Hono<{ Variables: HttpVariables }>()
    .use(securityHeaders({ publicUrl, ...options }))
    .use("/o/*", async (c, next) => {
      c.set("signedIn", { session: { id: "s" }, user: person });
      await next();
    })
    .get("/sign-in", (c) => c.html(`<script nonce="${c.get("nonce")}"></script>`))
    .get("/welcome", (c) => c.html("<p>", 200, { "cache-control": "public, max-age=60" }))
    .get("/o/page", (c) => c.html("<p>", 200, { "cache-control": "public, max-age=60" }))
    .get("/o/data", (c) => c.json({}, 200, { "cache-control": "public, max-age=60" }))
    .get("/data", (c) => c.json({}))
    .get("/assets/app.js", (c) => c.body("", 200, { "cache-control": "public, max-age=31536000, immutable" }))
    .get("/redirect", () => Response.redirect(`${publicUrl}/sign-in`, 303))
    .get("/broken", () => {
      throw new Error("broken");
    })
    .onError((_, c) => c.html("<p>", 500));
}

const get = async (path: string, options?: Partial<SecurityHeadersOptions>) => givenApp(options).request(path);

/** The policy, by directive. */
async function policyOf(path: string, options?: Partial<SecurityHeadersOptions>) {
  const policy = (await get(path, options)).headers.get("content-security-policy") ?? "";
  return Object.fromEntries(policy.split("; ").map((part) => part.split(/ (.*)/s).slice(0, 2)));
}

describe("a page's policy", () => {
  test("runs scripts of our origin and of the answer's nonce, and no others", async () => {
    const answer = await get("/sign-in");
    const nonce = /nonce="([^"]+)"/.exec(await answer.text())?.[1];
    const policy = answer.headers.get("content-security-policy");
    expect(policy).toContain(`script-src 'self' 'nonce-${nonce}';`);
    expect(policy).toContain("script-src-attr 'none'");
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|https?:|\*/);
  });

  test("has a nonce of 128 bits that no other answer has", async () => {
    const nonces = await Promise.all(
      Array.from(
        { length: 50 },
        async () => /'nonce-([^']+)'/.exec((await policyOf("/sign-in"))["script-src"] ?? "")?.[1],
      ),
    );
    expect(new Set(nonces).size).toBe(50);
    for (const nonce of nonces) expect(Buffer.from(nonce ?? "", "base64")).toHaveLength(16);
  });

  test("forbids everything that it does not name, frames, foreign forms and another base", async () => {
    expect(await policyOf("/sign-in")).toMatchObject({
      "default-src": "'none'",
      "frame-ancestors": "'none'",
      "form-action": "'self'",
      "base-uri": "'none'",
      "img-src": "'self' data:",
      "connect-src": "'self' wss://portal.example.com",
      "style-src-attr": "'unsafe-inline'",
      "style-src": expect.stringMatching(/^'self' 'nonce-[^']+'$/),
    });
  });

  test("on plain http speaks to its own plain socket and upgrades nothing", async () => {
    const policy = await policyOf("/sign-in", { publicUrl: "http://localhost:3000" });
    expect(policy["connect-src"]).toBe("'self' ws://localhost:3000");
    expect(policy).not.toHaveProperty("upgrade-insecure-requests");
    expect(await policyOf("/sign-in")).toHaveProperty("upgrade-insecure-requests");
  });

  test("in development lets Vite add styles and reload, and scripts as little as ever", async () => {
    const policy = await policyOf("/sign-in", { isDevelopment: true });
    expect(policy["style-src"]).toBe("'self' 'unsafe-inline'");
    expect(policy["connect-src"]).toBe("'self' ws: wss:");
    expect(policy["script-src"]).toMatch(/^'self' 'nonce-[^']+'$/);
  });

  test("holds for error pages, too", async () => {
    expect(await policyOf("/broken")).toHaveProperty("script-src");
  });
});

test("nothing runs in what is no page", async () => {
  for (const path of ["/data", "/assets/app.js", "/redirect"]) {
    expect(await policyOf(path)).toEqual({ "default-src": "'none'", "frame-ancestors": "'none'" });
  }
});

test.each(["/sign-in", "/data", "/assets/app.js", "/redirect", "/broken", "/nowhere"])(
  "every answer carries the fixed headers: %s",
  async (path) => {
    expect(Object.fromEntries((await get(path)).headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": expect.stringContaining("camera=()"),
      "strict-transport-security": "max-age=31536000",
    });
  },
);

test("plain http is not told to be https for a year", async () => {
  const answer = await get("/sign-in", { publicUrl: "http://localhost:3000" });
  expect(answer.headers.has("strict-transport-security")).toBe(false);
});

describe("storing", () => {
  const storing = async (path: string) => (await get(path)).headers.get("cache-control");

  test("is forbidden for whatever a signed-in person gets, whatever the handler said", async () => {
    expect(await storing("/o/page")).toBe("no-store");
    expect(await storing("/o/data")).toBe("no-store");
  });

  test("is forbidden for pages, whose nonce is for once, and for what says nothing about it", async () => {
    expect(await storing("/sign-in")).toBe("no-store");
    expect(await storing("/welcome")).toBe("no-store");
    expect(await storing("/data")).toBe("no-store");
    expect(await storing("/redirect")).toBe("no-store");
  });

  test("is allowed for the build's files", async () => {
    expect(await storing("/assets/app.js")).toBe("public, max-age=31536000, immutable");
  });
});
