import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { linkMailedTo } from "./mailbox.ts";
import { givenMember, givenOrganization, givenPerson, type Person } from "./people.ts";
import { untilLive } from "./reading.ts";

/** A team of the owner's enterprise, with these people in it. */
async function givenTeam(
  owner: Person,
  name: string,
  people: Person[],
): Promise<{ enterprise: string; teamId: string }> {
  const [own] = await owner.query<{ slug: string }[]>("enterprises.mine", {});
  const enterprise = own?.slug ?? "";
  const { teamId } = await owner.mutate<{ teamId: string }>("teams.create", {
    ...{ enterprise, name, idempotencyKey: randomUUID() },
  });
  for (const { email } of people) await owner.mutate("teams.addMember", { enterprise, teamId, email });
  return { enterprise, teamId };
}

/** Opens the link that was mailed to a new person: nobody finds who has not. */
async function proveAddress(person: Person): Promise<void> {
  const link = await linkMailedTo(person.email, /^Verify/);
  await person.mutate("email.verify", { token: new URL(link).pathname.split("/").at(-1) });
}

/** The teams' page as [name, people], in its order. */
async function teamsOf(page: Page): Promise<string[][]> {
  const rows = await page.getByTestId("team").all();
  return Promise.all(
    rows.map(async (row) => (await row.locator("td").allInnerTexts()).slice(0, 2).map((text) => text.trim())),
  );
}

describe("teams", () => {
  browserTest(
    "S0.9 S0.10 S0.11 L1 a team is assigned and removed on one page, and the other browsers see it at once",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      const tess = await givenPerson(open, { name: "Tess Team" });
      const slug = await givenOrganization(ada, "Payers");
      await givenMember(ada, slug, { person: grace, role: "admin" });
      await proveAddress(tess);
      await givenTeam(ada, "Field Operations", [tess]);
      await grace.page.goto(`/o/${slug}/teams`);
      await grace.page.getByText("No team is assigned").waitFor();
      await untilLive(grace.page);
      await tess.page.goto("/settings/teams");
      await untilLive(tess.page);
      await tess.page.getByText("The team is assigned to no organization.").waitFor();

      await ada.page.goto(`/o/${slug}/teams`);
      await untilLive(ada.page);
      await ada.page.getByRole("link", { name: "Assign Team" }).first().click();
      const dialog = ada.page.getByRole("dialog", { name: "Assign Team" });
      await dialog.getByLabel("Team").selectOption("Field Operations");
      await dialog.getByText("1 person may then spend from the wallet of Payers").waitFor();
      await dialog.getByRole("button", { name: "Assign Team" }).click();
      await ada.page.getByText("Field Operations is assigned").waitFor();
      await eventually(() => teamsOf(ada.page)).toEqual([["Field Operations", "1"]]);
      await eventually(() => teamsOf(grace.page)).toEqual([["Field Operations", "1"]]);
      await tess.page.getByText("May spend", { exact: true }).waitFor();

      await grace.page.getByRole("link", { name: "Remove Field Operations" }).click();
      await grace.page.getByRole("dialog").getByRole("button", { name: "Remove team" }).click();
      await eventually(() => teamsOf(ada.page)).toEqual([]);
      await tess.page.getByText("The team is assigned to no organization.").waitFor();
      await grace.page.getByRole("button", { name: "Undo" }).click();
      await eventually(() => teamsOf(ada.page)).toEqual([["Field Operations", "1"]]);
    },
  );

  browserTest(
    "the enterprise makes a team, puts somebody in, and deletes it by its name; the organization’s page follows",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const tess = await givenPerson(open, { name: "Tess Team" });
      // The page of a team that was just deleted asks for it once more.
      ada.faults.allow(/status of (422|404)/);
      const slug = await givenOrganization(ada, "Makers");
      await proveAddress(tess);
      const { page } = ada;
      await page.goto(`/o/${slug}`);
      await page.getByRole("navigation", { name: "Enterprise" }).getByRole("link", { name: "Teams" }).click();
      await page.getByRole("heading", { name: "Enterprise teams" }).waitFor();
      await untilLive(page);
      await page.getByRole("link", { name: "Create team" }).first().click();
      await page.getByLabel("Name", { exact: true }).fill("Brand");
      await page.getByRole("dialog").getByRole("button", { name: "Create team" }).click();
      await page.getByRole("heading", { name: "Brand" }).waitFor();
      await page.getByLabel("E-mail").fill("nobody@nowhere.example");
      await page.getByRole("button", { name: "Add person" }).click();
      await page.getByText("Nobody has an account with this e-mail").waitFor();
      await page.getByLabel("E-mail").fill(tess.email);
      await page.getByRole("button", { name: "Add person" }).click();
      await page.getByText("Tess Team is in the team.").waitFor();
      await eventually(() => page.getByTestId("team-person").count()).toBe(1);
      await tess.page.goto("/settings/teams");
      expect(await tess.page.getByTestId("way-to-spend").count()).toBe(1);

      const teamId = new URL(page.url()).pathname.split("/").at(-1);
      await ada.mutate("teams.assign", { organization: slug, teamId });
      await page.getByText("Assigned to Makers").waitFor();
      await page.getByRole("link", { name: "Delete team" }).click();
      await page.getByLabel("Type Brand to confirm").fill("brand");
      await page.getByRole("button", { name: "Delete team" }).click();
      await page.getByText("Type the team’s name, Brand.").waitFor();
      await page.getByLabel("Type Brand to confirm").fill("Brand");
      await page.getByRole("button", { name: "Delete team" }).click();
      await page.getByText("Brand was deleted.").waitFor();
      await page.goto(`/o/${slug}/teams`);
      await page.getByText("No team is assigned").waitFor();
    },
  );

  browserTest(
    "S2.17 L1 a new spend policy stands on the other’s page at once, and says whether they may spend",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const alan = await givenPerson(open, { name: "Alan Turing" });
      const slug = await givenOrganization(ada, "Frugal");
      await givenMember(ada, slug, { person: alan, role: "member" });
      await alan.page.goto(`/o/${slug}/settings/spending`);
      await untilLive(alan.page);
      await alan.page.getByText("You may spend these credits, as Member.").waitFor();
      await ada.page.goto(`/o/${slug}/settings/spending`);
      await untilLive(ada.page);
      await ada.page.getByRole("checkbox", { name: "Member" }).uncheck();
      await ada.page.getByLabel("Limit for one charge").fill("2.5");
      await ada.page.getByRole("button", { name: "Save policy" }).click();
      await ada.page.getByText("The spend policy holds from the next charge on.").waitFor();
      await alan.page.getByText("You may not spend these credits").waitFor();
      await alan.page.getByText("2.5 credits").waitFor();
      expect(await ada.page.getByLabel("Limit for one charge").inputValue()).toBe("2.5");
      expect(await ada.page.getByText("Somebody has changed the policy meanwhile").count()).toBe(0);
    },
  );

  browserTest(
    "L1 what was refused stays while another saves; whoever asks for what holds now sees no more of the refusal",
    async ({ open }) => {
      const ada = await givenPerson(open);
      ada.faults.allow(/status of 4/);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      const slug = await givenOrganization(ada, "Stubborn");
      await givenMember(ada, slug, { person: grace, role: "billing_admin" });
      const policy = { roles: ["owner"], teamsMaySpend: true, perSpendLimit: "7", teamMonthlyLimit: "", models: null };
      const { page } = ada;
      await page.goto(`/o/${slug}/settings/spending`);
      await untilLive(page);
      const limit = page.getByLabel("Limit for one charge");
      await limit.fill("plenty");
      await page.getByRole("checkbox", { name: "Member" }).uncheck();
      await page.getByRole("button", { name: "Save policy" }).click();
      await page.getByText("Enter an amount above zero").waitFor();

      await grace.mutate("spendPolicy.set", { organization: slug, ...policy });
      await page.getByText("Somebody has changed the policy meanwhile").waitFor();
      expect(await limit.inputValue()).toBe("plenty");
      await page.getByRole("button", { name: "Show what holds now" }).click();
      await eventually(() => limit.inputValue()).toBe("7");
      expect(await page.getByText("Enter an amount above zero").count()).toBe(0);
      expect(await page.getByRole("checkbox", { name: "Admin", exact: true }).isChecked()).toBe(false);
      expect(await page.getByRole("checkbox", { name: "Owner" }).isChecked()).toBe(true);

      await grace.mutate("spendPolicy.set", { organization: slug, ...policy, perSpendLimit: "8" });
      await eventually(() => limit.inputValue()).toBe("8");
      await limit.fill("many");
      await page.getByRole("button", { name: "Save policy" }).click();
      await page.getByText("Enter an amount above zero").waitFor();
      expect(await limit.inputValue()).toBe("many");
    },
  );

  browserTest(
    "L1 a long list of teams comes in pages and is searched; what another changes stands on the open page at once",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Many Teams");
      const { enterprise, teamId } = await givenTeam(ada, "Zebra", []);
      for (let n = 0; n < 50; n += 1) await givenTeam(ada, `Team ${String(n).padStart(2, "0")}`, []);
      await ada.mutate("teams.assign", { organization: slug, teamId });
      const { page } = ada;
      const rows = page.getByTestId("enterprise-team");
      await page.goto(`/enterprise/${enterprise}/teams`);
      await untilLive(page);
      expect(await rows.count()).toBe(50);
      await page.getByText("51 teams of").waitFor();
      await page.getByRole("link", { name: "Next page" }).click();
      await eventually(() => rows.count()).toBe(1);
      await page.getByRole("link", { name: "Zebra" }).waitFor();
      await ada.mutate("teams.rename", { enterprise, teamId, name: "Zebu" });
      await page.getByRole("link", { name: "Zebu" }).waitFor();
      // The dialog stands over the page that was open, and leaves it where it was.
      await page.getByRole("link", { name: "Create team" }).click();
      await page.getByRole("dialog").getByRole("link", { name: "Cancel" }).click();
      // While it stands, the field behind it takes no focus, and what is typed lands in the dialog.
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect(await rows.count()).toBe(1);
      await page.getByLabel("Search teams by name").fill("TEAM 1");
      await eventually(() => rows.count()).toBe(10);
      await page.getByLabel("Search teams by name").fill("no such");
      await page.getByText("No team matches").waitFor();
      await page.getByRole("link", { name: "Show all" }).click();
      await eventually(() => rows.count()).toBe(50);
      await eventually(() => page.getByLabel("Search teams by name").inputValue()).toBe("");

      await page.goto(`/o/${slug}/teams?search=z`);
      await untilLive(page);
      // Typing goes on while the list is found.
      const field = page.getByLabel("Search teams by name");
      await field.press("End");
      await field.pressSequentially("ebx", { delay: 100 });
      await page.getByText("No team matches").waitFor();
      await page.keyboard.press("Backspace");
      await page.getByRole("link", { name: "Zebu", exact: true }).waitFor();
      expect(await field.inputValue()).toBe("zeb");
      await page.getByRole("link", { name: "Remove Zebu" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove team" }).click();
      await page.getByText("No team is assigned").waitFor();
    },
  );

  browserTest(
    "L1 what was read of a page that is no longer shown does not come in the place of the one that is",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Late Answers");
      const { enterprise, teamId } = await givenTeam(ada, "Zebra", []);
      await ada.mutate("teams.assign", { organization: slug, teamId });
      for (let n = 0; n < 50; n += 1) {
        const other = await givenTeam(ada, `Team ${String(n).padStart(2, "0")}`, []);
        await ada.mutate("teams.assign", { organization: slug, teamId: other.teamId });
      }
      const { page } = ada;
      const rows = page.getByTestId("team");
      const [asked, mayAnswer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      await page.route(/\/trpc\/teams\.list/, async (route) => {
        asked.resolve();
        await mayAnswer.promise;
        await route.continue();
      });
      await page.goto(`/o/${slug}/teams`);
      await untilLive(page);
      expect(await rows.count()).toBe(50);
      await ada.mutate("teams.rename", { enterprise, teamId, name: "Zulu" });
      await asked.promise;
      await page.getByRole("link", { name: "Next page" }).click();
      await eventually(() => teamsOf(page)).toEqual([["Zulu", "0"]]);

      // What woke the read that comes too late may concern the new page as well: it is read after that.
      const isSecond = (url: string) => url.includes("teams.list") && url.includes("cursor");
      const followed = page.waitForResponse((response) => isSecond(response.url()));
      mayAnswer.resolve();
      await (await followed).finished();
      expect(await teamsOf(page)).toEqual([["Zulu", "0"]]);
    },
  );

  browserTest(
    "before any script has loaded, a team is assigned and the policy set; mistakes are told",
    async ({ open }) => {
      const ada = await givenPerson(open, { javaScript: false });
      ada.faults.allow(/status of 4/);
      const slug = await givenOrganization(ada, "Plain Teams");
      await givenTeam(ada, "Sales", []);
      const { page } = ada;
      await page.goto(`/o/${slug}/teams`);
      await page.getByRole("link", { name: "Assign Team" }).first().click();
      await page.getByLabel("Team", { exact: true }).selectOption("Sales");
      await page.getByRole("button", { name: "Assign Team" }).click();
      await page.getByText("Sales is assigned").waitFor();
      expect(await teamsOf(page)).toEqual([["Sales", "0"]]);
      await page.goto(`/o/${slug}/settings/spending`);
      await page.getByRole("checkbox", { name: "People of assigned teams" }).uncheck();
      await page.getByLabel("Limit for one charge").fill("plenty");
      await page.getByRole("button", { name: "Save policy" }).click();
      await page.getByText("Enter an amount above zero").waitFor();
      expect(await page.getByLabel("Limit for one charge").inputValue()).toBe("plenty");
      expect(await page.getByRole("checkbox", { name: "People of assigned teams" }).isChecked()).toBe(false);
      await page.getByLabel("Limit for one charge").fill("10");
      await page.getByRole("button", { name: "Save policy" }).click();
      await page.getByText("The spend policy holds").waitFor();
      expect(await page.getByRole("checkbox", { name: "People of assigned teams" }).isChecked()).toBe(false);
    },
  );
});
