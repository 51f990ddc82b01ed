import { findChromium } from "./chromium.ts";
import { buildWebIfStale } from "./web-build.ts";

/** Before the first browser test of a run: an up-to-date web build, and a Chromium that is unpacked. */
export default async function setup(): Promise<void> {
  await Promise.all([buildWebIfStale(), findChromium()]);
}
