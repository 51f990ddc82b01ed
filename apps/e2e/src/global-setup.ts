import type { TestProject } from "vitest/node";
import { findChromium } from "./chromium.ts";
import { startPortal } from "./portal.ts";
import { buildWebIfStale } from "./web-build.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the portal that all browser tests share is served. Every test makes its own people and organizations there. */
    portalUrl: string;
    /** Where it keeps its data. */
    portalDataDir: string;
  }
}

/** Before the first browser test of a run: an up-to-date web build, an unpacked Chromium, and one portal for all. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await Promise.all([buildWebIfStale(), findChromium()]);
  const portal = await startPortal({ env: { DEMO: "true", TRUSTED_PROXIES: "1" } });
  project.provide("portalUrl", portal.url);
  project.provide("portalDataDir", portal.dataDir);
  return () => portal.remove();
}
