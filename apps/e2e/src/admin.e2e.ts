import { describe, expect } from "vitest";
import type { Window, WindowOptions } from "./browser.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { DEMO_ADMIN, signInToDemo } from "./demo.ts";
import { givenCredits, givenMember, givenOrganization, givenPerson, type Person } from "./people.ts";
import { balanceOf, untilLive } from "./reading.ts";

type Open = (options?: WindowOptions) => Promise<Window>;

/** The demo's platform admin, looking at all organizations. */
async function givenSupport(open: Open, portalUrl: string, options: WindowOptions = {}): Promise<Window> {
  const window = await open({ ...options, baseUrl: portalUrl });
  await signInToDemo(window, DEMO_ADMIN);
  return window;
}

const portalOf = (person: Person) => new URL(person.page.url()).origin;

/** Opens an organization's detail page from the list. */
async function openDetail({ page }: Window, slug: string): Promise<void> {
  await page.goto(`/admin/organizations?search=${slug}`);
  await page.getByRole("link", { name: /^View/ }).click();
  await page.waitForURL("**/admin/organizations/*-*");
}

async function changeSlug(support: Window, from: string, to: string): Promise<void> {
  const { page } = support;
  await openDetail(support, from);
  await page.getByRole("link", { name: "Change slug" }).click();
  const dialog = page.getByRole("dialog", { name: "Change slug" });
  await dialog.getByLabel("New slug").fill(to);
  await dialog.getByLabel("Reason").fill("They were renamed");
  await dialog.getByRole("button", { name: "Change slug" }).click();
  await page.getByText(`The slug is now ${to}.`).waitFor();
}

describe("platform admins", () => {
  browserTest(
    "S0.2 S0.3 S0.4 find every organization in a live list; its name and View both open the detail",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Zebra Works");
      await givenCredits(ada, slug, "1234.5");
      await ada.page.goto(`/o/${slug}`);
      expect(await ada.page.getByRole("navigation", { name: "Admin" }).count()).toBe(0);

      const support = await givenSupport(open, portalOf(ada));
      const { page } = support;
      await page.goto("/");
      await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Organizations" }).click();
      await page.getByRole("heading", { name: "Platform organizations" }).waitFor();
      const heads = await page.getByRole("columnheader").allInnerTexts();
      expect(heads.slice(0, 4)).toEqual(["Name", "Description", "Teams Count", "Created At"]);
      await page.getByRole("searchbox").fill(slug);
      await page.waitForURL(`**/admin/organizations?search=${slug}*`);
      const rows = page.getByTestId("organization");
      await eventually(() => rows.count()).toBe(1);
      await untilLive(page);
      await ada.mutate("organizations.rename", { organization: slug, name: "Zebra Renamed" });
      await rows.getByRole("link", { name: "Zebra Renamed", exact: true }).click();
      await page.getByRole("heading", { name: "Zebra Renamed" }).waitFor();
      const byName = page.url();
      await page.goBack();
      await rows.getByRole("link", { name: /^View/ }).click();
      await page.waitForURL(byName);
      await page.getByText("1,234.5").first().waitFor();
      await page.getByText("You see counts and money, not the content").waitFor();
    },
  );

  browserTest("nobody else finds the admin’s pages", async ({ open }) => {
    const ada = await givenPerson(open);
    ada.faults.allow(/status of 404/);
    await givenOrganization(ada, "No Admin");
    for (const path of ["/admin/organizations", "/admin/organizations/01990000-0000-7000-8000-000000000000"]) {
      expect((await ada.page.goto(path))?.status()).toBe(404);
      await ada.page.getByRole("heading", { name: "There is nothing here" }).waitFor();
    }
  });

  browserTest(
    "S3.8 support changes a slug: open pages move without a reload, and old addresses lead on",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      const slug = await givenOrganization(ada, "Moving House");
      await givenMember(ada, slug, { person: grace, role: "member" });
      await givenCredits(ada, slug, "10");
      await ada.page.goto(`/o/${slug}/wallet?kind=adjustment`);
      await grace.page.goto(`/o/${slug}/settings/general`);
      for (const { page } of [ada, grace]) {
        await untilLive(page);
        await page.evaluate(() => Reflect.set(window, "sameDocument", true));
      }

      const support = await givenSupport(open, portalOf(ada));
      const moved = `${slug}-new`;
      await changeSlug(support, slug, moved);

      await ada.page.waitForURL(`**/o/${moved}/wallet?kind=adjustment`);
      await grace.page.waitForURL(`**/o/${moved}/settings/general`);
      await grace.page.getByText(`/o/${moved}`, { exact: false }).first().waitFor();
      await eventually(() => grace.page.getByTestId("current-organization").first().innerText()).toBe("Moving House");
      // Still live, at the new address, in the same document.
      await givenCredits(ada, moved, "5");
      await ada.page.getByRole("complementary").getByRole("link", { name: "Wallet" }).click();
      await eventually(() => balanceOf(ada.page)).toBe("15");
      for (const { page } of [ada, grace])
        expect(await page.evaluate(() => Reflect.get(window, "sameDocument"))).toBe(true);

      await ada.page.goto(`/o/${slug}/wallet?kind=adjustment&from=2026-01-01`);
      expect(ada.page.url()).toMatch(new RegExp(`/o/${moved}/wallet\\?kind=adjustment&from=2026-01-01$`));
      await ada.page.getByRole("heading", { name: "Wallet" }).waitFor();
      await grace.page.goto(`/o/${slug}`);
      expect(new URL(grace.page.url()).pathname).toBe(`/o/${moved}`);
    },
  );

  browserTest("S3.8 an old address tells a stranger nothing that a made-up one does not", async ({ open }) => {
    const ada = await givenPerson(open);
    const eve = await givenPerson(open, { name: "Eve" });
    eve.faults.allow(/status of 404/);
    const slug = await givenOrganization(ada, "Hidden House");
    await ada.page.goto(`/o/${slug}`);
    await changeSlug(await givenSupport(open, portalOf(ada)), slug, `${slug}-new`);
    await givenOrganization(eve, "Own House");
    const seen = async (at: string) => {
      const answer = await eve.page.goto(`/o/${at}/wallet`);
      await eve.page.getByRole("heading", { name: "There is nothing here" }).waitFor();
      const text = await eve.page.getByRole("main").innerText();
      return [answer?.status(), new URL(eve.page.url()).pathname.replace(at, "…"), text.replace(/[0-9a-f-]{36}/, "ID")];
    };
    expect(await seen(slug)).toEqual(await seen("made-up-house"));
    expect(await seen(`${slug}-new`)).toEqual(await seen("made-up-house"));
  });

  browserTest("S3.8 without JavaScript a form sent to an old address arrives at the new one", async ({ open }) => {
    const ada = await givenPerson(open, { javaScript: false });
    ada.faults.allow(/status of 400/);
    const slug = await givenOrganization(ada, "Plain House");
    await ada.page.goto(`/o/${slug}/settings/general`);
    const support = await givenSupport(open, portalOf(ada), { javaScript: false });
    const moved = `${slug}-new`;
    await changeSlug(support, slug, moved);
    await support.page.getByText(slug, { exact: true }).waitFor();

    // The page of before is still open: refused, it keeps what was typed; accepted, it does what it says.
    const name = ada.page.getByLabel("Organization name");
    await name.evaluate((field) => field.removeAttribute("maxlength"));
    await name.fill("Much too long ".repeat(12));
    await ada.page.getByRole("button", { name: "Save" }).click();
    await ada.page.getByText("The name can have at most 100 characters.").waitFor();
    expect(new URL(ada.page.url()).pathname).toBe(`/o/${moved}/settings/general`);
    await ada.page.goBack();
    await ada.page.getByLabel("Organization name").fill("Plain Villa");
    await ada.page.getByRole("button", { name: "Save" }).click();
    await ada.page.getByText("The name is now Plain Villa.").waitFor();
    expect(new URL(ada.page.url()).pathname).toBe(`/o/${moved}/settings/general`);
  });
});
