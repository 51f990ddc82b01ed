import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { expectNoAxeViolations, expectNoSidewaysScroll } from "./axe.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { givenCredits, givenMember, givenOrganization, givenPerson, type Person } from "./people.ts";
import { untilLive } from "./reading.ts";

const sentences = async ({ page }: Person) => {
  const rows = await page.getByTestId("audit-entry").locator("summary").allInnerTexts();
  return rows.map((row) => row.replace(/\s+/g, " ").trim());
};

browserTest(
  "an admin sees live who changed what, opens what it was before, and finds one person's doing",
  async ({ open }) => {
    const ada = await givenPerson(open);
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    const slug = await givenOrganization(ada, "Audited");
    await givenMember(ada, slug, { person: grace, role: "admin" });
    await grace.page.goto(`/o/${slug}/audit`);
    await untilLive(grace.page);

    await ada.mutate("organizations.rename", { organization: slug, name: "Audited well" });
    await eventually(async () => (await sentences(grace))[0]).toMatch(
      /^Ada Lovelace renamed the organization from Audited to Audited well/,
    );
    await givenCredits(ada, slug, "1,250.5");
    await eventually(async () => (await sentences(grace))[0]).toContain("added 1,250.5 credits: “Opening balance”");

    const renaming = grace.page.getByTestId("audit-entry").filter({ hasText: "renamed" });
    await renaming.locator("summary").click();
    await renaming.getByRole("row", { name: "Name Audited Audited well" }).waitFor();
    await renaming.locator("dd").filter({ hasText: ada.address }).waitFor();
    await expectNoAxeViolations(grace.page);
    await renaming.getByRole("link", { name: "Show only what Ada Lovelace did" }).click();
    await grace.page.getByText("Remove the filter Person: Ada Lovelace").waitFor();
    await grace.mutate("apiKeys.create", { organization: slug, name: "Nightly", scopes: ["usage:write"] });
    await ada.mutate("apiKeys.create", { organization: slug, name: "Daily", scopes: ["usage:write"] });
    await eventually(async () => (await sentences(grace))[0]).toContain("Ada Lovelace created the API key Daily");
    expect(await sentences(grace)).not.toContain(expect.stringContaining("Nightly"));
    await grace.page.setViewportSize({ width: 360, height: 740 });
    await expectNoSidewaysScroll(grace.page);
  },
);

browserTest(
  "the log is filtered and read to its beginning without JavaScript, and taken along as a file",
  async ({ open }) => {
    const ada = await givenPerson(open, { javaScript: false });
    const slug = await givenOrganization(ada, "Plain");
    for (let n = 0; n < 60; n += 1)
      await ada.mutate("organizations.rename", { organization: slug, name: `Plain ${n}` });
    const { page } = ada;
    await page.goto(`/o/${slug}/audit`);
    expect(await page.getByTestId("audit-entry").count()).toBe(50);
    await page.getByRole("link", { name: "Show older entries" }).click();
    await page.getByText("created the organization Plain").waitFor();

    await page.goto(`/o/${slug}/audit`);
    await page.locator("summary").filter({ hasText: "Filter" }).click();
    await page.getByLabel("Kind of action").selectOption("api_key");
    await page.getByRole("button", { name: "Apply filters" }).click();
    await page.getByText("No entry matches").waitFor();
    await page.getByRole("link", { name: "Clear filters" }).click();
    await page.getByTestId("audit-entry").first().waitFor();

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export JSON" }).click(),
    ]);
    const entries = JSON.parse(await readFile(await download.path(), "utf8")) as { action: string }[];
    expect(entries.at(-1)).toMatchObject({ sequence: "1" });
    expect(entries.filter(({ action }) => action === "organization.renamed")).toHaveLength(60);
  },
);

browserTest("whoever may not read the log is told who may", async ({ open }) => {
  const ada = await givenPerson(open);
  const alan = await givenPerson(open, { name: "Alan Turing" });
  alan.faults.allow(/status of 403/);
  const slug = await givenOrganization(ada, "Closed");
  await givenMember(ada, slug, { person: alan, role: "billing_admin" });
  await alan.page.goto(`/o/${slug}/audit`);
  await alan.page.getByText(/an owner or an admin/).waitFor();
  expect(await alan.page.getByRole("link", { name: "Audit log" }).count()).toBe(0);
});
