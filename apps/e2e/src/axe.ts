import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** WCAG 2.2 AA and what it builds on, and axe's best practices (landmarks, heading order). */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

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
    // A colour that is still fading from one theme to the other would be measured half way.
    await page.evaluate(() =>
      Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))),
    );
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const lines = violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}\n    ${node.html}\n    ${node.failureSummary?.replaceAll("\n", "\n    ")}`),
    );
    expect(lines, `axe, ${colorScheme} theme, ${page.url()}\n${lines.join("\n")}`).toEqual([]);
  }
}

/** Asserts that nothing makes the page scroll sideways at its current width. Names what sticks out. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const sticksOut = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`)
      .slice(0, 5);
  });
  const scrolls = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(scrolls, `${page.url()} is wider than its window: ${sticksOut.join(", ")}`).toBeLessThanOrEqual(0);
}
