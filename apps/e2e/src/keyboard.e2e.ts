import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenCredits, givenOrganization, givenPerson } from "./people.ts";
import { balanceOf, untilLive } from "./reading.ts";

const MODIFIER = process.platform === "darwin" ? "Meta" : "Control";

describe("by keyboard alone", () => {
  browserTest(
    "credits are deducted from the first key press on, and the focus comes back where it was",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Keys Only");
      await givenCredits(ada, slug, "10");
      const { page } = ada;
      await page.goto(`/o/${slug}/wallet`);
      await untilLive(page);
      await page.keyboard.press("Tab");
      await eventually(() => focusedText(page)).toBe("Skip to the content");
      await page.keyboard.press("Enter");
      await tabTo(page, "Deduct Credits");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Deduct Credits" }).waitFor();
      await page.keyboard.press("Escape");
      await eventually(() => page.getByRole("dialog").count()).toBe(0);
      await eventually(() => focusedText(page)).toBe("Deduct Credits");
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: "Deduct Credits" });
      await eventually(() => dialog.getByLabel("Amount").evaluate((field) => field === document.activeElement)).toBe(
        true,
      );
      await page.keyboard.type("4");
      await page.keyboard.press("Tab");
      await page.keyboard.type("Stamps");
      await page.keyboard.press("Enter");
      await eventually(() => balanceOf(page)).toBe("6");
    },
  );

  browserTest("every stop of the wallet page has a visible focus", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Visible Focus");
    await givenCredits(ada, slug, "10");
    await ada.page.goto(`/o/${slug}/wallet`);
    await untilLive(ada.page);
    const stops = new Set<string>();
    const unseen: string[] = [];
    for (let presses = 0; presses < 60; presses += 1) {
      await ada.page.keyboard.press("Tab");
      const stop = await ada.page.evaluate(describeFocus);
      if (stop.name === "BODY" || stops.has(stop.name)) break;
      stops.add(stop.name);
      if (!stop.isVisible) unseen.push(stop.name);
    }
    expect(stops.size).toBeGreaterThan(10);
    expect(unseen).toEqual([]);
  });

  browserTest("the command palette goes to a page and switches the organization", async ({ open }) => {
    const ada = await givenPerson(open);
    const alpha = await givenOrganization(ada, "Alpha Palette");
    const beta = await givenOrganization(ada, "Beta Palette");
    const { page } = ada;
    await page.goto(`/o/${alpha}`);
    await untilLive(page);
    await choose(page, "wallet");
    await page.waitForURL(`**/o/${alpha}/wallet`);
    await page.getByRole("heading", { name: "Wallet" }).waitFor();
    await choose(page, "beta pal");
    await page.waitForURL(`**/o/${beta}/wallet`);
    await eventually(() => page.getByTestId("current-organization").first().innerText()).toBe("Beta Palette");
    await choose(page, "add credits");
    await page.getByRole("dialog", { name: "Add Credits" }).waitFor();
    await page.keyboard.press("Escape");
    await eventually(() => new URL(page.url()).search).toBe("");
  });

  browserTest("the switcher is searched, walked and left by keyboard", async ({ open }) => {
    const ada = await givenPerson(open);
    const alpha = await givenOrganization(ada, "Alpha Switch");
    const beta = await givenOrganization(ada, "Beta Switch");
    const { page } = ada;
    await page.goto(`/o/${alpha}/members`);
    await untilLive(page);
    const trigger = page.getByRole("button", { name: /Switch organization/ });
    await trigger.focus();
    await page.keyboard.press("Enter");
    const switcher = page.getByRole("dialog", { name: "Switch organization" });
    await switcher.waitFor();
    await page.keyboard.press("Escape");
    await eventually(() => switcher.count()).toBe(0);
    await eventually(() => trigger.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    const search = switcher.getByRole("searchbox");
    await eventually(() => search.evaluate((field) => field === document.activeElement)).toBe(true);
    await page.keyboard.type("beta");
    await eventually(() => switcher.getByText("Alpha Switch").count()).toBe(0);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/o/${beta}/members`);
  });
});

async function choose(page: Page, words: string): Promise<void> {
  await page.keyboard.press(`${MODIFIER}+k`);
  const palette = page.getByRole("dialog", { name: "Command palette" });
  await palette.getByRole("combobox").waitFor();
  await page.keyboard.type(words);
  // Until the list has followed what was typed: Enter takes what is chosen then.
  await eventually(() => palette.getByRole("option", { selected: true }).allInnerTexts()).toEqual([
    expect.stringMatching(new RegExp(`^${words}`, "i")),
  ]);
  await page.keyboard.press("Enter");
  await palette.waitFor({ state: "detached" });
}

async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await focusedText(page)) === text) return;
  }
  throw new Error(`Tab never reached "${text}".`);
}

function focusedText(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.textContent?.trim());
}

/** Runs in the page. An outline or a ring counts; either on the element itself or on the box drawn around a field. */
function describeFocus(): { name: string; isVisible: boolean } {
  const element = document.activeElement;
  if (!element || element === document.body) return { name: "BODY", isVisible: true };
  const isMarked = (one: Element | null) => {
    if (!one) return false;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
  };
  const words = element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
  return {
    name: `${element.tagName} ${words} ${element.getAttribute("href") ?? ""}`,
    isVisible: isMarked(element) || isMarked(element.parentElement),
  };
}
