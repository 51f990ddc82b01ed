import { describe, expect, inject } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenMember, givenOrganization, givenPerson, newEmail, PASSWORD } from "./people.ts";
import { balanceOf, rosterOf, transactionsOf } from "./reading.ts";

describe("before any script has loaded", () => {
  browserTest("S3.5 S3.6 a person signs up, sets up the organization, and signs out", async ({ open }) => {
    const { page, faults } = await open({ baseUrl: inject("portalUrl"), javaScript: false });
    faults.allow(/status of 4/);
    await page.goto("/sign-up");
    await page.getByLabel("Name").fill("Ada Lovelace");
    await page.getByLabel("E-mail").fill("not an address");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Enter an e-mail address").waitFor();
    expect(await page.getByLabel("Name").inputValue()).toBe("Ada Lovelace");
    expect(await page.getByLabel("Password").inputValue()).toBe("");
    await page.getByLabel("E-mail").fill(newEmail("ada"));
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByLabel("Name").fill("Plain Works");
    const slug = `plain-${Date.now().toString(36)}`;
    await page.getByLabel("Slug").fill(slug);
    await page.getByRole("button", { name: "Save and continue" }).click();
    await page.getByRole("heading", { name: "Plain Works" }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/o/${slug}`);
    await page.getByText("Plain Works is ready.").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  browserTest(
    "S0.17 S0.18 credits are added and deducted, mistakes are told, and reloading repeats nothing",
    async ({ open }) => {
      const ada = await givenPerson(open, { javaScript: false });
      const slug = await givenOrganization(ada, "Plain Wallet");
      const { page } = ada;
      ada.faults.allow(/status of 4/);
      await page.goto(`/o/${slug}/wallet`);
      await page.getByRole("link", { name: "Add Credits" }).first().click();
      await page.getByLabel("Amount").fill("lots");
      await page.getByRole("button", { name: "Add Credits" }).click();
      await page.getByText("Enter an amount like").waitFor();
      expect(await page.getByLabel("Amount").inputValue()).toBe("lots");
      await page.getByLabel("Amount").fill("20");
      await page.getByRole("button", { name: "Add Credits" }).click();
      await page.getByText("20 credits added.").waitFor();
      await page.getByRole("link", { name: "Deduct Credits" }).click();
      await page.getByLabel("Amount").fill("5");
      await page.getByLabel("Reason").fill("Lunch");
      await page.getByRole("button", { name: "Deduct Credits" }).click();
      await page.getByText("5 credits deducted.").waitFor();
      await page.reload();
      expect(await balanceOf(page)).toBe("15");
      expect((await transactionsOf(page)).map(([words, amount]) => [words, amount])).toEqual([
        ["Lunch", "−5"],
        [expect.any(String), "+20"],
      ]);
    },
  );

  browserTest("a role is changed, members are searched, the organization is renamed", async ({ open }) => {
    const ada = await givenPerson(open, { javaScript: false });
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    const slug = await givenOrganization(ada, "Plain Roster");
    await givenMember(ada, slug, { person: grace, role: "member" });
    const { page } = ada;
    await page.goto(`/o/${slug}/members`);
    await page.getByLabel("Search members").fill("hopper");
    await page.getByRole("button", { name: "Search" }).click();
    await eventually(() => rosterOf(page)).toEqual([["Grace Hopper", "Member"]]);
    await page.getByLabel("Seat").selectOption("Active Pro seat");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("Nobody matches").waitFor();
    await page.getByLabel("Seat").selectOption("No Pro seat");
    await page.getByRole("button", { name: "Search" }).click();
    await eventually(() => rosterOf(page)).toEqual([["Grace Hopper", "Member"]]);
    await page.getByRole("link", { name: "Change the role of Grace Hopper" }).click();
    await page
      .getByRole("dialog")
      .getByRole("radio", { name: /^Admin/ })
      .check();
    await page.getByRole("button", { name: "Change role" }).click();
    await page.getByText(/Grace Hopper is now|The role is now/).waitFor();
    await eventually(() => rosterOf(page)).toContainEqual(["Grace Hopper", "Admin"]);
    await page.goto(`/o/${slug}/settings/general`);
    await page.getByLabel("Organization name").fill("Plain Renamed");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The name is now Plain Renamed.").waitFor();
  });

  browserTest("S0.16 older transactions are reached by a link", async ({ open }) => {
    const ada = await givenPerson(open, { javaScript: false });
    const slug = await givenOrganization(ada, "Plain History");
    for (let n = 1; n <= 52; n += 1) {
      await ada.mutate("wallets.addCredits", { organization: slug, amount: String(n), idempotencyKey: `row ${n}` });
    }
    await ada.page.goto(`/o/${slug}/wallet`);
    await ada.page.getByRole("link", { name: "Show older transactions" }).click();
    await ada.page.getByRole("link", { name: "Back to the newest" }).waitFor();
    await eventually(async () => (await transactionsOf(ada.page)).map(([, amount]) => amount)).toEqual(["+2", "+1"]);
  });
});
