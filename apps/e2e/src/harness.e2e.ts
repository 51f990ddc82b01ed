import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { expectNoAxeViolations, expectNoSidewaysScroll } from "./axe.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { findChromium } from "./chromium.ts";

const GOOD_PAGE = `<!doctype html><html lang="en"><head><title>A page</title>
  <style nonce="n">body { font-family: system-ui, sans-serif; margin: 8px } p { color: CanvasText } :root { color-scheme: light dark } h2 { font-weight: 600 }</style></head>
  <body><main><h1>Guildhall</h1><p id="text">6,177,061 credits</p><h2 id="semibold">Balance</h2></main></body></html>`;

const PAGES: Record<string, string> = {
  "/good": GOOD_PAGE,
  "/inline-script": GOOD_PAGE.replace("</main>", "</main><script>document.title = 'ran'</script>"),
  "/throws": GOOD_PAGE.replace("</main>", "</main><script nonce='n'>throw new Error('broken page')</script>"),
  "/logs": GOOD_PAGE.replace("</main>", "</main><script nonce='n'>console.error('something odd')</script>"),
  "/wide": GOOD_PAGE.replace("margin: 8px", "margin: 8px; width: 900px"),
  "/unlabelled": GOOD_PAGE.replace("</p>", "</p><input>"),
  "/dark-contrast": GOOD_PAGE.replace(
    "CanvasText }",
    "CanvasText } @media (prefers-color-scheme: dark) { p { color: #333 } body { background: #222 } }",
  ),
};

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/broken") response.statusCode = 500;
    response.setHeader("content-type", "text/html");
    response.setHeader("content-security-policy", "default-src 'self'; script-src 'nonce-n'; style-src 'nonce-n'");
    response.end(PAGES[request.url ?? ""] ?? GOOD_PAGE);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no port");
  origin = `http://127.0.0.1:${address.port}`;
});

afterAll(() => {
  server.close();
});

describe("the browser harness", () => {
  browserTest("renders text with the packaged font, whatever fonts the machine has", async ({ open }) => {
    const { page } = await open();
    await page.goto(`${origin}/good`);
    const { env } = await findChromium();
    if (!env.FONTCONFIG_FILE) return; // A Chromium of the machine's has the machine's fonts.
    expect(await fontsOf(page, "#text")).toEqual(["Open Sans"]);
    expect(await fontsOf(page, "#semibold")).toEqual(["Open Sans"]);
  });

  browserTest("axe runs under a strict content security policy and accepts a good page", async ({ open }) => {
    const { page } = await open();
    await page.goto(`${origin}/good`);
    await expectNoAxeViolations(page);
    await expectNoSidewaysScroll(page);
  });

  browserTest("a field without a label fails the axe check", async ({ open }) => {
    const { page } = await open();
    await page.goto(`${origin}/unlabelled`);
    await expect(expectNoAxeViolations(page)).rejects.toThrow("label: Form elements must have labels");
  });

  browserTest("poor contrast in the dark theme alone fails the axe check", async ({ open }) => {
    const { page } = await open();
    await page.goto(`${origin}/dark-contrast`);
    await expect(expectNoAxeViolations(page)).rejects.toThrow("axe, dark theme");
  });

  browserTest("a page wider than its window fails the check for sideways scrolling", async ({ open }) => {
    const { page } = await open({ width: 360 });
    await page.goto(`${origin}/wide`);
    await expect(expectNoSidewaysScroll(page)).rejects.toThrow("is wider than its window");
  });

  const faulty = [
    { path: "/inline-script", kind: "csp", text: /script-src-elem blocked inline/ },
    { path: "/throws", kind: "exception", text: /broken page/ },
    { path: "/logs", kind: "console", text: /something odd/ },
    { path: "/broken", kind: "request", text: /500/ },
  ];
  for (const { path, kind, text } of faulty) {
    browserTest(`a ${kind} fault is noticed, and only an allowed one passes`, async ({ open }) => {
      const { page, faults } = await open();
      await page.goto(`${origin}${path}`);
      await eventually(() => faults.unexpected().find((fault) => fault.kind === kind)?.text).toMatch(text);
      faults.allow(/./);
      expect(faults.unexpected()).toEqual([]);
    });
  }

  browserTest("two windows share no cookies", async ({ open }) => {
    const ada = await open();
    await ada.context.addCookies([{ name: "who", value: "ada", url: origin }]);
    const bob = await open();
    expect(await bob.context.cookies()).toEqual([]);
  });
});

/** The fonts the page really used, as the renderer reports them. */
async function fontsOf(page: Page, selector: string): Promise<string[]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("DOM.enable");
  await devtools.send("CSS.enable");
  const { root } = await devtools.send("DOM.getDocument");
  const { nodeId } = await devtools.send("DOM.querySelector", { nodeId: root.nodeId, selector });
  const { fonts } = await devtools.send("CSS.getPlatformFontsForNode", { nodeId });
  return fonts.map((font) => font.familyName);
}
