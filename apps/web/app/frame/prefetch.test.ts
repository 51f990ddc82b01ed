import { describe, expect, test } from "vitest";
import { createPrefetch, isAhead } from "./prefetch";

function givenBrowser() {
  const asked: string[] = [];
  let nowMs = 1_000;
  let isReachable = true;
  const prefetch = createPrefetch({
    fetch: async (input) => {
      asked.push(String(input));
      if (!isReachable) throw new TypeError("Failed to fetch");
      return new Response(`answer ${asked.length}`);
    },
    here: () => "http://portal.invalid/o/alpha/wallet",
    nowMs: () => nowMs,
  });
  const go = async (path: string) => (await prefetch.fetch(new URL(path, "http://portal.invalid"))).text();
  return { prefetch, asked, go, later: (ms: number) => (nowMs += ms), lose: (lost: boolean) => (isReachable = !lost) };
}

describe("L4 fetching a page ahead", () => {
  test("the navigation takes what was fetched while the pointer was over the link", async () => {
    const { prefetch, asked, go } = givenBrowser();
    prefetch.ahead("/o/beta/wallet");
    expect(await go("/o/beta/wallet.data?_routes=organization%2Cwallet")).toBe("answer 1");
    expect(asked).toHaveLength(1);
  });

  test("an answer is used once, and only while it is fresh", async () => {
    const { prefetch, go, later } = givenBrowser();
    prefetch.ahead("/o/beta");
    expect(await go("/o/beta.data")).toBe("answer 1");
    expect(await go("/o/beta.data")).toBe("answer 2");
    prefetch.ahead("/o/beta");
    later(5_000);
    expect(await go("/o/beta.data")).toBe("answer 4");
  });

  test("a pointer that comes and goes asks once; the open page is not asked for", async () => {
    const { prefetch, asked } = givenBrowser();
    prefetch.ahead("/o/beta");
    prefetch.ahead("/o/beta");
    prefetch.ahead("/o/alpha/wallet");
    expect(asked).toEqual(["/o/beta.data"]);
  });

  test("sending anything makes what was fetched before it useless", async () => {
    const { prefetch, go } = givenBrowser();
    prefetch.ahead("/o/beta");
    await prefetch.fetch("/o/alpha/wallet.data", { method: "POST" });
    expect(await go("/o/beta.data")).toBe("answer 3");
  });

  test("a page with a search of its own, another origin and other requests are asked for as ever", async () => {
    const { prefetch, go } = givenBrowser();
    prefetch.ahead("/o/beta/members");
    expect(await go("/o/beta/members.data?search=ada")).toBe("answer 2");
    expect(await (await prefetch.fetch("https://other.invalid/o/beta/members.data")).text()).toBe("answer 3");
    expect(await (await prefetch.fetch("/trpc/identity.me")).text()).toBe("answer 4");
  });

  test("what could not be fetched ahead is asked for again", async () => {
    const { prefetch, go, lose } = givenBrowser();
    lose(true);
    prefetch.ahead("/o/beta");
    lose(false);
    expect(await go("/o/beta.data")).toBe("answer 2");
  });
});

test("the server can tell a request that only fetches ahead", () => {
  const request = (headers: HeadersInit) => new Request("http://portal.invalid/", { headers });
  expect(isAhead(request({ purpose: "prefetch" }))).toBe(true);
  expect(isAhead(request({ "sec-purpose": "prefetch;prerender" }))).toBe(true);
  expect(isAhead(request({}))).toBe(false);
});
