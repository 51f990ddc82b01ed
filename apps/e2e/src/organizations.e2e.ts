import { describe, expect } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenCredits, givenMember, givenOrganization, givenOtherWindow, givenPerson } from "./people.ts";
import { balanceOf, untilLive } from "./reading.ts";

describe("organizations", () => {
  browserTest("S2.6 S4.1 every organization one belongs to is listed with role and member count", async ({ open }) => {
    const ada = await givenPerson(open);
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    const alpha = await givenOrganization(ada, "Alpha Listed");
    const beta = await givenOrganization(grace, "Beta Listed");
    await givenMember(grace, beta, { person: ada, role: "billing_admin" });
    await ada.page.goto("/settings/organizations");
    const rows = ada.page.getByTestId("organization");
    await eventually(() => rows.allInnerTexts()).toHaveLength(2);
    const texts = (await rows.allInnerTexts()).map((text) => text.split(/\s*[\t\n]\s*/).filter(Boolean));
    expect(texts[0]).toEqual(expect.arrayContaining(["Alpha Listed", "Owner", "1", "Active"]));
    expect(texts[1]).toEqual(expect.arrayContaining(["Beta Listed", "Billing admin", "2", "Active"]));
    await rows.nth(1).getByRole("link", { name: "Beta Listed", exact: true }).click();
    await ada.page.waitForURL(`**/o/${beta}`);
    expect(alpha).not.toBe(beta);
  });

  browserTest("S4.2 S4.3 the plus sign makes one, and clicking one shows its overview", async ({ open }) => {
    const ada = await givenPerson(open);
    const first = await givenOrganization(ada, "First House");
    await ada.page.goto(`/o/${first}`);
    await untilLive(ada.page);
    const sidebar = ada.page.getByRole("complementary");
    await sidebar.getByRole("link", { name: "Create Organization" }).click();
    const dialog = ada.page.getByRole("dialog", { name: "Create Organization" });
    await dialog.getByLabel("Organization name").fill("Second House");
    await eventually(() => dialog.getByLabel("Slug").inputValue()).toMatch(/^second-house/);
    await dialog.getByRole("button", { name: "Create Organization" }).click();
    await ada.page.getByRole("heading", { name: "Second House" }).waitFor();
    await ada.page.getByText("Second House was created.").waitFor();

    await sidebar.getByRole("link", { name: "First House" }).click();
    await ada.page.getByRole("heading", { name: "First House" }).waitFor();
    await ada.page.getByRole("main").getByText("Collaborators", { exact: true }).waitFor();
    expect(new URL(ada.page.url()).pathname).toBe(`/o/${first}`);
  });

  browserTest(
    "S3.18 a new organization appears in the switcher of another browser with no reload",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const first = await givenOrganization(ada, "Switch One");
      const other = await givenOtherWindow(open, ada);
      await other.page.goto(`/o/${first}/wallet`);
      await untilLive(other.page);
      await other.page.getByRole("button", { name: /Switch organization/ }).click();
      const switcher = other.page.getByRole("dialog", { name: "Switch organization" });
      await switcher.getByText("Switch One").waitFor();
      const second = await givenOrganization(ada, "Switch Two");
      await switcher.getByText("Switch Two").waitFor();
      await switcher.getByRole("searchbox").fill("two");
      await eventually(() => switcher.getByText("Switch One").count()).toBe(0);
      await switcher.getByRole("link", { name: /Switch Two/ }).click();
      await other.page.waitForURL(`**/o/${second}/wallet`);
    },
  );

  browserTest("L4 two tabs show two organizations, and switching loads no new document", async ({ open }) => {
    const ada = await givenPerson(open);
    const red = await givenOrganization(ada, "Red House");
    const blue = await givenOrganization(ada, "Blue House");
    await givenCredits(ada, red, "111");
    await givenCredits(ada, blue, "222");
    const other = await ada.newTab();
    await ada.page.goto(`/o/${red}/wallet`);
    await other.goto(`/o/${blue}/wallet`);
    await untilLive(ada.page);
    await untilLive(other);
    await givenCredits(ada, red, "1");
    await givenCredits(ada, blue, "2");
    await eventually(() => balanceOf(ada.page)).toBe("112");
    await eventually(() => balanceOf(other)).toBe("224");

    await other.evaluate(() => Object.assign(window, { sameDocument: true }));
    await other.getByRole("button", { name: /Switch organization/ }).click();
    await other
      .getByRole("dialog")
      .getByRole("link", { name: /Red House/ })
      .click();
    await other.waitForURL(`**/o/${red}/wallet`);
    await eventually(() => balanceOf(other)).toBe("112");
    expect(await other.evaluate(() => Reflect.get(window, "sameDocument"))).toBe(true);
    await other.goBack();
    await eventually(() => balanceOf(other)).toBe("224");
    await givenCredits(ada, blue, "3");
    await eventually(() => balanceOf(other)).toBe("227");
  });

  browserTest("L1 S3.7 a renamed organization is renamed on every open page", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Old Name");
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    await givenMember(ada, slug, { person: grace, role: "member" });
    await grace.page.goto(`/o/${slug}`);
    await untilLive(grace.page);
    await ada.page.goto(`/o/${slug}/settings/general`);
    await untilLive(ada.page);
    await ada.page.getByLabel("Organization name").fill("New Name");
    await ada.page.getByRole("button", { name: "Save" }).click();
    await ada.page.getByText("The name is now New Name.").waitFor();
    await grace.page.getByRole("heading", { name: "New Name" }).waitFor();
    await eventually(() => grace.page.getByTestId("current-organization").first().innerText()).toBe("New Name");
    await grace.page.getByRole("navigation", { name: "Your organizations" }).getByText("New Name").waitFor();
    await eventually(() => grace.page.getByText("Old Name").count()).toBe(0);
    await eventually(() => grace.page.title()).toMatch(/Guildhall$/);
  });

  browserTest("S3.8 the slug cannot be changed after setup, and a member cannot rename", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Fixed Slug");
    const alan = await givenPerson(open, { name: "Alan Turing" });
    await givenMember(ada, slug, { person: alan, role: "member" });
    await ada.page.goto(`/o/${slug}/settings/general`);
    await ada.page.getByText("is fixed after setup").waitFor();
    expect(await ada.page.getByRole("textbox", { name: "Slug" }).count()).toBe(0);
    await alan.page.goto(`/o/${slug}/settings/general`);
    expect(await alan.page.getByLabel("Organization name").getAttribute("readonly")).not.toBeNull();
    expect(await alan.page.getByRole("button", { name: "Save" }).count()).toBe(0);
    await expect(alan.mutate("organizations.rename", { organization: slug, name: "Mine" })).rejects.toThrow(
      /^Error: 403|403/,
    );
  });
});
