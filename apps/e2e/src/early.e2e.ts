import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenMember, givenOrganization, givenPerson } from "./people.ts";
import { rosterOf, untilLive } from "./reading.ts";

/** Opens a page whose scripts do not come before they are let go. */
async function openWithoutScripts(page: Page, path: string): Promise<() => Promise<void>> {
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  await page.route(/\/assets\/entry\.client/, async (route) => {
    await letGo;
    await route.continue();
  });
  await page.goto(path, { waitUntil: "domcontentloaded" });
  return async () => {
    resolve();
    await untilLive(page);
  };
}

describe("while the scripts are still on their way", () => {
  browserTest("what is typed, ticked and chosen stays, and counts as soon as they are there", async ({ open }) => {
    const ada = await givenPerson(open);
    const alan = await givenPerson(open, { name: "Alan Turing" });
    const slug = await givenOrganization(ada, "Early Typing");
    await givenMember(ada, slug, { person: alan, role: "member" });
    const { page } = ada;
    const goOn = await openWithoutScripts(page, `/o/${slug}/settings/general`);
    const name = page.getByLabel("Organization name");
    await name.fill("Typed Early");
    await goOn();
    // Something happens elsewhere, and the page is drawn anew.
    await ada.mutate("organizations.rename", { organization: slug, name: "Renamed Elsewhere" });
    await eventually(() => page.getByTestId("current-organization").first().innerText()).toBe("Renamed Elsewhere");
    expect(await name.inputValue()).toBe("Typed Early");

    const goOnToo = await openWithoutScripts(page, `/o/${slug}/members`);
    await page.getByRole("checkbox", { name: "Select Alan Turing" }).check();
    await page.getByLabel("Role").selectOption("member");
    await goOnToo();
    await page.getByText("1 selected").waitFor();
    await eventually(() => rosterOf(page)).toEqual([["Alan Turing", "Member"]]);
    await eventually(() => new URL(page.url()).searchParams.get("role")).toBe("member");
  });

  browserTest("a button that needs them acts when they are there, once", async ({ open }) => {
    const ada = await givenPerson(open, { width: 360 });
    const slug = await givenOrganization(ada, "Early Press");
    const goOn = await openWithoutScripts(ada.page, `/o/${slug}`);
    await ada.page.getByRole("button", { name: "Open the menu" }).click();
    expect(await ada.page.getByRole("dialog").count()).toBe(0);
    await goOn();
    await ada.page.getByRole("dialog", { name: "Menu" }).waitFor();
  });

  browserTest("a button is not pressed again for somebody who went on elsewhere", async ({ open }) => {
    const ada = await givenPerson(open, { width: 360 });
    const slug = await givenOrganization(ada, "Early Change");
    const goOn = await openWithoutScripts(ada.page, `/o/${slug}/settings/general`);
    await ada.page.getByRole("button", { name: "Open the menu" }).click();
    const name = ada.page.getByLabel("Organization name");
    await name.fill("Typed Instead");
    await goOn();
    expect(await name.inputValue()).toBe("Typed Instead");
    expect(await ada.page.getByRole("dialog").count()).toBe(0);
  });
});
