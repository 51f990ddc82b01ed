import { describe } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenMember, givenOrganization, givenPerson } from "./people.ts";
import { rosterOf, untilLive } from "./reading.ts";

describe("the personal area", () => {
  browserTest(
    "S2.3 a person changes their own name: other tabs, other people and other organizations see it at once",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      grace.faults.allow(/status of 400/);
      const slug = await givenOrganization(ada, "Name Plates");
      await givenMember(ada, slug, { person: grace, role: "member" });
      await ada.page.goto(`/o/${slug}/members`);
      const tab = await grace.newTab();
      await tab.goto(`/o/${slug}`);
      await grace.page.goto("/settings/account");
      for (const page of [ada.page, tab, grace.page]) await untilLive(page);

      const name = grace.page.getByRole("textbox", { name: "Name" });
      await name.fill("");
      await grace.page.getByRole("button", { name: "Save" }).click();
      await grace.page.getByText("Enter your name.").waitFor();
      await name.fill("Grace Murray");
      await grace.page.getByRole("button", { name: "Save" }).click();
      await grace.page.getByText("You are now called Grace Murray.").waitFor();

      await eventually(async () => (await rosterOf(ada.page)).map(([who]) => who)).toContain("Grace Murray");
      await tab.getByRole("complementary").getByText("Grace Murray").waitFor();
    },
  );

  browserTest("S2.6 the list of organizations leads out of one of them", async ({ open }) => {
    const ada = await givenPerson(open);
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    const slug = await givenOrganization(ada, "Way Out");
    await givenMember(ada, slug, { person: grace, role: "member" });
    const { page } = grace;
    await page.goto("/settings/organizations");
    await page.getByRole("link", { name: "Leave Way Out" }).click();
    await page.getByRole("dialog", { name: "Leave Way Out?" }).getByRole("button", { name: "Leave" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("/members"));
    await page.goto("/settings/organizations");
    await page.getByText("You belong to no organization", { exact: true }).waitFor();
  });
});
