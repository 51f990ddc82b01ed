import { describe, expect, inject } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenOrganization, givenPerson, newEmail, PASSWORD } from "./people.ts";
import { untilLive } from "./reading.ts";

/** What a refused form leaves in the browser's console: the status of its answer. */
const REFUSED = /status of 4(00|01|03|04|09|22)|HTTP Authentication failed/;

describe("getting in", () => {
  browserTest("S3.5 S3.6 signing up makes an organization, its setup step asks for name and slug", async ({ open }) => {
    const { page } = await open({ baseUrl: inject("portalUrl") });
    await page.goto("/");
    await page.getByRole("link", { name: "Create an account" }).click();
    await page.getByLabel("Name").fill("Ada Lovelace");
    await page.getByLabel("E-mail").fill(newEmail("ada"));
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();

    await page.getByRole("heading", { name: "Set up your organization" }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/o\/[a-z0-9-]+\/setup$/);
    const company = `Analytical Engines ${Date.now().toString(36)}`;
    await page.getByLabel("Name").fill(company);
    const slug = page.getByLabel("Slug");
    await eventually(() => slug.inputValue()).toBe(company.toLowerCase().replaceAll(" ", "-"));
    await page.getByText("Free", { exact: true }).waitFor();
    const edited = `engines-${Date.now().toString(36)}`;
    await slug.fill(edited);
    await page.getByRole("button", { name: "Save and continue" }).click();

    await page.getByRole("heading", { name: company }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/o/${edited}`);
    await page.getByText(`${company} is ready.`).waitFor();
    await untilLive(page);
  });

  browserTest("S3.6 a live event that overtakes the answer of the setup step does no harm", async ({ open }) => {
    const ada = await givenPerson(open);
    const { page } = ada;
    await page.goto("/");
    await untilLive(page);
    const delayed: string[] = [];
    await page.route(/\/setup\.data/, async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      const response = await route.fetch({ maxRedirects: 0 });
      delayed.push(route.request().url());
      await new Promise((resume) => setTimeout(resume, 1_500));
      // The page may have given the request up meanwhile.
      await route.fulfill({ response }).catch(() => undefined);
    });
    await page.getByLabel("Name").fill("Overtaken");
    const slug = `overtaken-${Date.now().toString(36)}`;
    await page.getByLabel("Slug").fill(slug);
    await page.getByRole("button", { name: "Save and continue" }).click();
    await page.getByRole("heading", { name: "Overtaken" }).waitFor();
    await page.waitForURL(`**/o/${slug}`);
    await page.getByText("Overtaken is ready.").waitFor();
    expect(await page.getByText("no longer a member").count()).toBe(0);
    expect(delayed).toHaveLength(1);
  });

  browserTest("a second sign-in leads to the organization that was open last", async ({ open }) => {
    const ada = await givenPerson(open);
    ada.faults.allow(REFUSED);
    await givenOrganization(ada, "Alpha Works");
    const slug = await givenOrganization(ada, "Beta Works");
    await ada.page.goto(`/o/${slug}/members`);
    await ada.page.getByRole("button", { name: "Sign out" }).click();
    await ada.page.getByRole("heading", { name: "Sign in" }).waitFor();
    await ada.page.getByLabel("E-mail").fill(ada.email);
    await ada.page.getByLabel("Password").fill(PASSWORD);
    await ada.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await ada.page.waitForURL(`**/o/${slug}`);
  });

  browserTest(
    "a wrong password is refused, what was typed stays, and who has an account is not told",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const { page, faults } = await open({ baseUrl: inject("portalUrl") });
      faults.allow(REFUSED);
      await page.goto("/sign-in");
      const messages: string[] = [];
      for (const email of [ada.email, newEmail("nobody")]) {
        await page.getByLabel("E-mail").fill(email);
        await page.getByLabel("Password").fill("not the password");
        await page.getByRole("button", { name: "Sign in", exact: true }).click();
        const message = page.locator("[data-form-error]");
        await message.waitFor();
        messages.push(await message.innerText());
        expect(await page.getByLabel("E-mail").inputValue()).toBe(email);
        await page.reload();
      }
      expect(messages[0]).toContain("The e-mail or the password is wrong");
      expect(messages[1]).toBe(messages[0]);
    },
  );

  browserTest(
    "mistakes in the sign-up form stand at their fields, and the focus is on the first one",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const { page, faults } = await open({ baseUrl: inject("portalUrl") });
      faults.allow(REFUSED);
      await page.goto("/sign-up");
      await page.getByLabel("Name").fill("Ada");
      await page.getByLabel("E-mail").fill("ada at example");
      await page.getByLabel("Password").fill("short");
      await page.getByRole("button", { name: "Create account" }).click();
      const email = page.getByLabel("E-mail");
      await eventually(() => email.getAttribute("aria-invalid")).toBe("true");
      await eventually(() => email.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await page.getByLabel("Password").getAttribute("aria-invalid")).toBe("true");
      expect(await page.getByLabel("Name").inputValue()).toBe("Ada");

      await email.fill(ada.email);
      await page.getByLabel("Password").fill(PASSWORD);
      await page.getByRole("button", { name: "Create account" }).click();
      await page.getByText("There is an account with this e-mail already").waitFor();
    },
  );

  browserTest("a deep link survives signing in", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Deep Works");
    const { page } = await open({ baseUrl: inject("portalUrl") });
    await page.goto(`/o/${slug}/members?role=owner`);
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(`**/o/${slug}/members?role=owner`);
  });

  browserTest("S3.3 somebody else's organization looks like one that does not exist", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Private Works");
    const eve = await givenPerson(open, { name: "Eve Stranger" });
    eve.faults.allow(REFUSED);
    const pages: string[] = [];
    for (const address of [slug, `${slug}-that-is-not-there`]) {
      await eve.page.goto(`/o/${address}/wallet`);
      await eve.page.getByRole("heading", { name: "There is nothing here" }).waitFor();
      pages.push((await eve.page.locator("main").innerText()).replace(/Request id .*/, ""));
    }
    expect(pages[0]).toBe(pages[1]);
    expect(pages[0]).not.toContain("Private Works");
  });

  browserTest("signing out in one tab ends the other tab's session too", async ({ open }) => {
    const ada = await givenPerson(open);
    ada.faults.allow(/WebSocket/, REFUSED);
    const slug = await givenOrganization(ada, "Two Tabs");
    const other = await ada.newTab();
    await ada.page.goto(`/o/${slug}`);
    await other.goto(`/o/${slug}/wallet`);
    await untilLive(other);
    await ada.page.getByRole("button", { name: "Sign out" }).click();
    await ada.page.getByRole("heading", { name: "Sign in" }).waitFor();
    await other.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});
