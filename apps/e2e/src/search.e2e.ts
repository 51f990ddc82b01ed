import type { Page } from "playwright-core";
import { describe, expect, inject } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { DEMO_ADMIN, signInToDemo } from "./demo.ts";
import { givenOrganization, givenPerson } from "./people.ts";
import { untilLive } from "./reading.ts";

/** What the controls of the page's search say, in their order. */
async function shownSearch(page: Page): Promise<string[]> {
  return page
    .getByRole("search")
    .locator("input[type=search], select")
    .evaluateAll((controls) => controls.map((control) => (control as HTMLInputElement).value));
}

describe("a search in the address", () => {
  browserTest("of members: the controls follow who shows everybody again, and who goes back", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Followed");
    const { page } = ada;
    await page.goto(`/o/${slug}/members`);
    await untilLive(page);
    await page.getByLabel("Search members").fill("nobody");
    await page.getByLabel("Role").selectOption("admin");
    await page.getByLabel("Seat").selectOption("suspended");
    await page.waitForURL("**/members?search=nobody&role=admin&seat=suspended");
    await page.getByRole("link", { name: "Show everybody" }).click();
    await eventually(() => shownSearch(page)).toEqual(["", "", "", "role"]);

    // Also the control that has the focus: what goes back is not what is typed.
    await page.getByLabel("Search members").focus();
    await page.goBack();
    await eventually(() => shownSearch(page)).toEqual(["nobody", "admin", "suspended", "role"]);
    await page.goForward();
    await eventually(() => shownSearch(page)).toEqual(["", "", "", "role"]);
    await page.getByRole("link", { name: "Name (sort)" }).click();
    await eventually(() => shownSearch(page)).toEqual(["", "", "", "name"]);
  });

  browserTest("of invites: the field is empty once all are shown, and keeps what is typed on", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Invited");
    await ada.mutate("invites.create", { organization: slug, email: "grace@example.com", role: "member" });
    const { page } = ada;
    await page.goto(`/o/${slug}/invites?state=pending`);
    await untilLive(page);
    await page.getByLabel("Search invites").pressSequentially("grace@nowhere", { delay: 30 });
    await page.getByText("No invite matches").waitFor();
    expect(await shownSearch(page)).toEqual(["grace@nowhere"]);
    expect(new URL(page.url()).searchParams.get("state")).toBe("pending");
    await page.getByRole("link", { name: "Show all invites" }).click();
    await page.getByTestId("invite").waitFor();
    await eventually(() => shownSearch(page)).toEqual([""]);
  });

  browserTest("of all organizations: text and order follow the address", async ({ open }) => {
    const support = await open({ baseUrl: inject("portalUrl") });
    await signInToDemo(support, DEMO_ADMIN);
    const { page } = support;
    await page.goto("/admin/organizations");
    await untilLive(page);
    await page.getByLabel("Order").selectOption("created");
    await page.waitForURL("**/admin/organizations?*sort=created");
    await page.getByRole("searchbox").fill("no such organization");
    await page.getByText("No organization matches").waitFor();
    await page.getByRole("link", { name: "Show all" }).click();
    await eventually(() => shownSearch(page)).toEqual(["", "created"]);
    await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Organizations" }).click();
    await eventually(() => shownSearch(page)).toEqual(["", "name"]);
    await page.goBack();
    await eventually(() => shownSearch(page)).toEqual(["", "created"]);
  });
});
