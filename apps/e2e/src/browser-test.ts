import type { Browser } from "playwright-core";
import { expect, type RunnerTestCase, test } from "vitest";
import {
  describeFaults,
  launchBrowser,
  openWindow,
  PATIENCE_MS,
  takeScreenshot,
  type Window,
  type WindowOptions,
} from "./browser.ts";

interface BrowserFixtures {
  /** One Chromium per test file. */
  browser: Browser;
  /**
   * Opens a window for one person. At the end of the test every window is closed, and faults nobody allowed fail the
   * test. When the test has failed, pictures of all open pages are kept in the temporary folder.
   */
  open(options?: WindowOptions): Promise<Window>;
}

/** A vitest test that can open browser windows. */
export const browserTest = test.extend<BrowserFixtures>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads a fixture's needs from this pattern.
    async ({}, use) => {
      const browser = await launchBrowser();
      await use(browser);
      await browser.close();
    },
    { scope: "file" },
  ],
  open: async ({ browser, task }, use) => {
    sayWhetherRetried(task);
    const windows: Window[] = [];
    await use(async (options) => {
      const window = await openWindow(browser, options);
      windows.push(window);
      return window;
    });
    if (task.result?.state === "fail") await keepPictures(task.name, windows);
    await Promise.all(windows.map(({ context }) => context.close()));
    const faults = windows.flatMap((window) => window.faults.unexpected());
    expect(faults, `The pages had faults nobody looked for:\n${describeFaults(faults)}`).toEqual([]);
  },
});

/** `await eventually(() => locator.textContent()).toBe("…")`: asks again until it holds or patience is over. */
export function eventually<T>(read: () => T | Promise<T>) {
  return expect.poll(read, { timeout: PATIENCE_MS, interval: 50 });
}

/** A test that only its second try lets pass (CI) has something to tell: what the first one failed at. */
function sayWhetherRetried({ name, result }: Readonly<RunnerTestCase>): void {
  if (!result?.retryCount) return;
  const reasons = result.errors?.map(({ message }) => message) ?? [];
  process.stderr.write(`Retried: ${name}\n${reasons.join("\n")}\n`);
}

async function keepPictures(testName: string, windows: Window[]): Promise<void> {
  const pages = windows.flatMap(({ context }) => context.pages());
  const paths = await Promise.allSettled(pages.map((page, index) => takeScreenshot(page, `${testName}-${index + 1}`)));
  for (const path of paths) if (path.status === "fulfilled") process.stderr.write(`Picture: ${path.value}\n`);
}
