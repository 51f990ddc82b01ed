import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** WCAG 2.2 AA and what it builds on, and axe's best practices (landmarks, heading order). */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const LONGEST_ANIMATION_MS = 2_000;

const THEMES = ["dark", "light"] as const;

/**
 * Asserts that axe finds nothing on the page as it stands, in the light and in the dark theme. The theme is switched by the
 * system's setting, so a page on which the person has chosen a theme is checked twice in that one. Leaves the page light.
 */
export async function expectNoAxeViolations(
  page: Page,
  themes: readonly (typeof THEMES)[number][] = THEMES,
): Promise<void> {
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme });
    // What fades begins to with the next frame.
    await nextFrames(page);
    // A colour that is still fading from one theme to the other would be measured half way.
    // Not longer than any of ours takes: one that the page has replaced meanwhile never says that it has finished.
    await page.evaluate(
      (longestMs) =>
        Promise.race([
          Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))),
          new Promise((resolve) => setTimeout(resolve, longestMs)),
        ]),
      LONGEST_ANIMATION_MS,
    );
    const first = await findViolations(page);
    // On a busy machine the last colours may come a frame late; what is wrong stays wrong.
    const lines = first.length === 0 ? first : await nextFrames(page).then(() => findViolations(page));
    expect(lines, `axe, ${colorScheme} theme, ${page.url()}\n${lines.join("\n")}`).toEqual([]);
  }
}

async function findViolations(page: Page): Promise<string[]> {
  // In the page itself: the default opens a second one for the result, which a busy browser may leave waiting for ever.
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode().analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n    ${node.html}\n    ${node.failureSummary?.replaceAll("\n", "\n    ")}`),
  );
}

/** Two frames later, or a second: a window that is not painted gets none. */
async function nextFrames(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise((painted) => {
        requestAnimationFrame(() => requestAnimationFrame(painted));
        setTimeout(painted, 1_000);
      }),
  );
}

/**
 * Asserts that neither the page nor anything in it has to be scrolled sideways at the current width: what is cut off at the
 * edge is not found. Names what sticks out.
 */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  // A new size is laid out with the next frame.
  await nextFrames(page);
  const tooWide = await page.evaluate(() =>
    [document.documentElement, ...document.body.querySelectorAll("*")]
      .filter((element) => {
        const scrolls = element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowX);
        return scrolls && element.clientWidth > 0 && element.scrollWidth > element.clientWidth;
      })
      .map((element) => {
        const edge = element.getBoundingClientRect().left + element.clientWidth;
        const widest = [...element.querySelectorAll("*")].find(
          (inner) => inner.getBoundingClientRect().right > edge + 1,
        );
        return `${element.tagName} (${element.scrollWidth} > ${element.clientWidth}) by ${widest?.outerHTML.slice(0, 200)}`;
      }),
  );
  expect(tooWide, `${page.url()} is wider than its window: ${tooWide.join("\n")}`).toEqual([]);
}
