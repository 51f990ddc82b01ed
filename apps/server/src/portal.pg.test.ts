import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEnvironment } from "./env.ts";
import { type Portal, startPortal } from "./portal.ts";
import { plainPages } from "./testing/plain-pages.ts";

const log = pino({ level: "silent" });
const ada = { email: "ada@northwind.example", password: "guildhall-demo" };
let dataDir: string;
let portal: Portal;

const start = (port = "0") =>
  startPortal(readEnvironment({ PORT: port, DATA_DIR: dataDir }), log, { pages: plainPages() });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "guildhall-portal-"));
  // Postgres runs as another user than root and has to reach what is in here.
  await chmod(dataDir, 0o711);
  portal = await start();
}, 300_000);

afterAll(async () => {
  await portal.stop();
  await rm(dataDir, { recursive: true, force: true });
});

interface Call {
  method?: string;
  cookie?: string;
  origin?: string | null;
  type?: string;
  body?: string | FormData;
}

/** One request as a page of the portal sends it, unless told otherwise. */
function call(
  path: string,
  { method = "POST", cookie, origin = portal.url, type = "application/json", body }: Call = {},
) {
  const headers = new Headers();
  if (origin !== null) headers.set("origin", origin);
  if (cookie) headers.set("cookie", cookie);
  if (typeof body === "string") headers.set("content-type", type);
  return fetch(`${portal.url}${path}`, { method, headers, redirect: "manual", ...(body !== undefined && { body }) });
}

async function signIn(): Promise<string> {
  const answer = await call("/trpc/identity.signIn", { body: JSON.stringify(ada) });
  expect(answer.status).toBe(200);
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

const get = (path: string, cookie?: string) => call(path, { method: "GET", ...(cookie && { cookie }) });

async function readName(cookie: string): Promise<string> {
  const input = encodeURIComponent(JSON.stringify({ organization: "northwind-research" }));
  const answer = await get(`/trpc/organizations.get?input=${input}`, cookie);
  return ((await answer.json()) as { result: { data: { name: string } } }).result.data.name;
}

const rename = (name: string) => JSON.stringify({ organization: "northwind-research", name });

describe("the portal as a whole", () => {
  test("answers health checks, and says who it is to nobody", async () => {
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
    const answer = await get("/trpc/organizations.mine");
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toMatch(/stack|node_modules/);
  });

  test("signs in with a cookie that scripts cannot read, and out again for good", async () => {
    const answer = await call("/trpc/identity.signIn", { body: JSON.stringify(ada) });
    expect(answer.headers.getSetCookie()[0]).toMatch(/^session=[\w-]{43}; .*HttpOnly; SameSite=Lax/);
    const cookie = await signIn();
    const mine = await get("/trpc/organizations.mine", cookie);
    expect(mine.headers.get("cache-control")).toBe("no-store");
    expect(await mine.text()).toContain("northwind-research");
    expect((await call("/trpc/identity.signOut", { cookie, body: "{}" })).status).toBe(200);
    expect((await get("/trpc/organizations.mine", cookie)).status).toBe(401);
  });

  test("a foreign page cannot run a mutation: not by origin, not by content type, not by leaving the origin out", async () => {
    const cookie = await signIn();
    const path = "/trpc/organizations.rename";
    const form = new FormData();
    form.set("json", rename("Taken over"));
    const attempts = await Promise.all([
      call(path, { cookie, origin: "https://evil.example", body: rename("Taken over") }),
      call(path, { cookie, origin: `${portal.url}.evil.example`, body: rename("Taken over") }),
      call(path, { cookie, origin: "null", body: rename("Taken over") }),
      call(path, { cookie, origin: null, body: rename("Taken over") }),
      call(path, { cookie, body: form }),
      call(path, { cookie, type: "text/plain", body: rename("Taken over") }),
      call(path, { cookie, type: "application/x-www-form-urlencoded", body: rename("Taken over") }),
    ]);
    expect(attempts.map((answer) => answer.status)).toEqual([403, 403, 403, 403, 415, 415, 415]);
    expect(await readName(cookie)).toBe("Northwind Research");
    expect((await call(path, { cookie, body: rename("Renamed") })).status).toBe(200);
    expect(await readName(cookie)).toBe("Renamed");
    await call(path, { cookie, body: rename("Northwind Research") });
  });

  test("a body beyond the limit is refused, and the reason and the request's id are said", async () => {
    const answer = await call("/trpc/identity.signIn", {
      body: JSON.stringify({ email: "x".repeat(70_000), password: "y" }),
    });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({
      error: { code: "too_large", requestId: answer.headers.get("x-request-id") },
    });
  });

  test("pages carry a strict policy with a nonce of their own, and are never stored", async () => {
    const [first, second] = [await get("/anything"), await get("/anything")];
    const nonce = (answer: Response) =>
      /'nonce-([^']+)'/.exec(answer.headers.get("content-security-policy") ?? "")?.[1];
    expect(nonce(first)).toBeTruthy();
    expect(nonce(first)).not.toBe(nonce(second));
    expect(first.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(first.headers.get("cache-control")).toBe("no-store");
  });

  test("a taken port is a clear error, and leaves nothing running", async () => {
    const { port } = new URL(portal.url);
    const other = await mkdtemp(join(tmpdir(), "guildhall-portal-"));
    const environment = readEnvironment({ PORT: port, DATA_DIR: other });
    const attempt = startPortal(environment, log, { pages: plainPages() });
    await expect(attempt).rejects.toThrow(`Port ${port} is taken by another program`);
    await rm(other, { recursive: true, force: true });
  });

  test("a stopped portal frees its port, and the next start finds everything", async () => {
    const cookie = await signIn();
    await call("/trpc/organizations.rename", { cookie, body: rename("Before the stop") });
    const { port } = new URL(portal.url);
    await portal.stop();
    portal = await start(port);
    expect(await readName(cookie)).toBe("Before the stop");
  });
});
