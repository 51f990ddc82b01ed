import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findChromium } from "./chromium.ts";
import { FaultLog, type PageFault, watchFaults } from "./page-faults.ts";

/**
 * How long an action or an expectation may take before it fails, in milliseconds. Waiting costs nothing while things work, and a
 * CI machine may be many times slower than the one on which a test was written.
 */
export const PATIENCE_MS = 30_000;

/** A window of one person: cookies of its own, pages of its own, and the log of what went wrong on them. */
export interface Window {
  context: BrowserContext;
  /** The first page. */
  page: Page;
  /** Faults of all pages of this window. `faults.allow(/…/)` for those a test provokes. */
  faults: FaultLog;
  /** Opens one more tab, same cookies. */
  newTab(): Promise<Page>;
}

/** What a window may look like. */
export interface WindowOptions {
  theme?: "light" | "dark";
  /** Width of the viewport in CSS pixels; 1280 unless told. */
  width?: number;
  height?: number;
  javaScript?: boolean;
  reducedMotion?: boolean;
  /** What relative addresses are relative to. */
  baseUrl?: string;
}

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--font-render-hinting=none",
  // The sizes of /dev/shm in containers are too small for several renderers.
  "--disable-dev-shm-usage",
];

/**
 * Starts a headless Chromium. Nothing of the machine is used but this program; the profile is empty and temporary.
 * The sandbox is off: it does not run as root or in most containers, and the only pages shown are our own.
 */
export async function launchBrowser(): Promise<Browser> {
  const program = await findChromium();
  return chromium.launch({
    executablePath: program.executablePath,
    env: { ...definedEnvironment(), ...program.env },
    chromiumSandbox: false,
    args: FLAGS,
  });
}

/** Opens a window for one person. Close its context, and assert that `faults.unexpected()` is empty (`browserTest` does). */
export async function openWindow(browser: Browser, options: WindowOptions = {}): Promise<Window> {
  const context = await browser.newContext(contextOptions(options));
  context.setDefaultTimeout(PATIENCE_MS);
  const faults = new FaultLog();
  const newTab = async () => {
    const page = await context.newPage();
    await watchFaults(page, faults);
    return page;
  };
  return { context, page: await newTab(), faults, newTab };
}

function contextOptions(options: WindowOptions): BrowserContextOptions {
  return {
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.theme ?? "light",
    javaScriptEnabled: options.javaScript ?? true,
    reducedMotion: (options.reducedMotion ?? false) ? "reduce" : "no-preference",
    locale: "en-US",
    timezoneId: "Europe/Berlin",
    ...(options.baseUrl ? { baseURL: options.baseUrl } : {}),
  };
}

/** Writes a picture of the page for a human to look at, and returns its path. */
export async function takeScreenshot(page: Page, name: string): Promise<string> {
  const folder = join(tmpdir(), "guildhall-screenshots");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name.replaceAll(/[^a-z0-9.-]+/gi, "-")}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}

/** One line per fault, for a failing test's message. */
export function describeFaults(faults: PageFault[]): string {
  return faults.map((fault) => `${fault.kind}: ${fault.text}`).join("\n");
}

function definedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
