/**
 * Takes a picture of every page of a demo portal: `npm run screenshots --workspace apps/e2e -- FOLDER`.
 *
 * Files are named PAGE-THEME-WIDTH.png. Without FOLDER they go to the temporary folder; its name is printed.
 */
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser, openWindow } from "./browser.ts";
import { EVERY_PAGE, signInToDemo } from "./demo.ts";
import { startPortal } from "./portal.ts";
import { buildWebIfStale } from "./web-build.ts";

const SIZES = [
  { width: 1280, height: 860 },
  { width: 360, height: 740 },
];
const THEMES = ["light", "dark"] as const;

// npm changes into the workspace's folder; a relative path means the folder in which it was called.
const folder = resolve(process.env.INIT_CWD ?? ".", process.argv[2] ?? join(tmpdir(), "guildhall-screenshots"));
await mkdir(folder, { recursive: true });
await buildWebIfStale();
const portal = await startPortal({ env: { DEMO: "true" } });
const browser = await launchBrowser();
try {
  for (const theme of THEMES) {
    for (const size of SIZES) await takeAll(browser, { theme, ...size });
  }
} finally {
  await browser.close();
  await portal.remove();
}
process.stdout.write(`${EVERY_PAGE.length * SIZES.length * THEMES.length} pictures in ${folder}\n`);

interface Look {
  theme: (typeof THEMES)[number];
  width: number;
  height: number;
}

/** One window per person, so that each signs in once per look. */
async function takeAll(browser: Browser, look: Look): Promise<void> {
  for (const person of new Set(EVERY_PAGE.map(({ as }) => as))) {
    const window = await openWindow(browser, { ...look, baseUrl: portal.url, reducedMotion: true });
    if (person) await signInToDemo(window, person);
    for (const { name, path } of EVERY_PAGE.filter(({ as }) => as === person)) {
      await window.page.goto(path);
      const status = window.page.locator('[data-connection="live"]:visible');
      if (person) await status.first().waitFor();
      await window.page.screenshot({ path: join(folder, `${name}-${look.theme}-${look.width}.png`) });
    }
    await window.context.close();
  }
}
