import { gzipSync } from "node:zlib";
import type { Page, Response } from "playwright-core";
import { describe, expect, inject } from "vitest";
import { expectNoAxeViolations, expectNoSidewaysScroll } from "./axe.ts";
import type { Window } from "./browser.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { DEMO_OWNER, EVERY_PAGE, signInToDemo } from "./demo.ts";
import { givenPerson } from "./people.ts";

const NARROW = { width: 360, height: 740 };

describe("every page", () => {
  for (const { name, path, as, isRefused } of EVERY_PAGE) {
    browserTest(
      `${name}: axe finds nothing in either theme, wide or narrow, and nothing scrolls sideways at 360 px`,
      async ({ open }) => {
        const window = await open({ baseUrl: inject("portalUrl"), reducedMotion: true });
        if (isRefused) window.faults.allow(/status of 4/);
        if (as) await signInToDemo(window, as);
        const { page } = window;
        await page.goto(path);
        await settled(page);
        await expectNoAxeViolations(page);
        await page.setViewportSize(NARROW);
        await expectNoSidewaysScroll(page);
        // Colours are the same at every width; what is laid out is not.
        await expectNoAxeViolations(page, ["light"]);
        expect(await page.title()).toMatch(/Guildhall/);
        expect(await page.locator("h1").count()).toBe(1);
      },
    );
  }

  browserTest("words of a hundred letters fit into 360 px: names, addresses, reasons", async ({ open }) => {
    const long = (letter: string) => letter.repeat(100);
    const ada = await givenPerson(open, { ...NARROW, name: long("A") });
    const slug = `long-${Date.now().toString(36)}`;
    await ada.mutate("organizations.create", { name: long("W"), slug, idempotencyKey: slug });
    await ada.mutate("invites.create", {
      organization: slug,
      email: `${long("e").slice(40)}@example.com`,
      role: "member",
    });
    await ada.mutate("apiKeys.create", { organization: slug, name: long("K"), scopes: ["usage:write"] });
    const input = { organization: slug, amount: "999999999.999999", description: long("M"), idempotencyKey: slug };
    await ada.mutate("wallets.addCredits", input);
    for (const path of ["", "/members", "/invites", "/wallet", "/settings/general", "/settings/api-keys"]) {
      await ada.page.goto(`/o/${slug}${path}`);
      await settled(ada.page);
      await expectNoSidewaysScroll(ada.page);
    }
    await ada.page.goto("/settings/organizations");
    await expectNoSidewaysScroll(ada.page);
  });

  browserTest("the menu opens as a drawer on a narrow screen, and closes when a page is chosen", async ({ open }) => {
    const window = await open({ baseUrl: inject("portalUrl"), ...NARROW, reducedMotion: true });
    await signInToDemo(window, DEMO_OWNER);
    const { page } = window;
    await page.goto("/o/northwind-research");
    await settled(page);
    await page.getByRole("button", { name: "Open the menu" }).click();
    const drawer = page.getByRole("dialog", { name: "Menu" });
    await drawer.waitFor();
    await expectNoAxeViolations(page);
    await drawer.getByRole("link", { name: "Wallet" }).click();
    await page.waitForURL("**/wallet");
    await eventually(() => drawer.count()).toBe(0);
    await expectNoSidewaysScroll(page);
  });
});

describe("speed", () => {
  browserTest("the first page's scripts are under 170 KB compressed", async ({ open }) => {
    const window = await open({ baseUrl: inject("portalUrl") });
    const scripts = collectScripts(window);
    await window.page.goto("/sign-in");
    await window.page.waitForLoadState("networkidle");
    expect(await sizeOf(scripts)).toBeLessThan(170 * 1024);
  });

  browserTest("pages do not move while they load", async ({ open }) => {
    const window = await open({ baseUrl: inject("portalUrl") });
    await signInToDemo(window, DEMO_OWNER);
    for (const path of ["", "/members", "/invites", "/wallet", "/usage"]) {
      await window.page.goto(`/o/northwind-research${path}`);
      await settled(window.page);
      expect(await layoutShift(window.page), `layout shift of ${path || "/"}`).toBeLessThan(0.01);
    }
  });
});

/** Until scripts have taken over and the live channel is open, where the page has one. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("load");
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 2_000 })));
  const status = page.locator("[data-connection]:visible");
  if ((await status.count()) > 0) await eventually(() => status.first().getAttribute("data-connection")).toBe("live");
}

/** The sum of all unexpected movements since the page began to load (the figure known as CLS, without its windows). */
async function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += Number(Reflect.get(entry, "value"));
        });
        observer.observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 100);
      }),
  );
}

function collectScripts({ page }: Window): Response[] {
  const scripts: Response[] = [];
  page.on("response", (response) => {
    if (/\.js$/.test(new URL(response.url()).pathname)) scripts.push(response);
  });
  return scripts;
}

async function sizeOf(scripts: Response[]): Promise<number> {
  const bodies = await Promise.all(scripts.map((script) => script.body()));
  return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
}
