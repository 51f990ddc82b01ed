import { readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { linkMailedTo } from "./mailbox.ts";
import { givenMember, givenOrganization, givenOtherWindow, givenPerson, PASSWORD, type Person } from "./people.ts";
import { rosterOf, untilLive } from "./reading.ts";

/** What the browser notes when a page asks for something that the person may no longer see. */
const REFUSED = /status of 4(0[1349]|22)|WebSocket/;

type Open = Parameters<typeof givenPerson>[0];

/** An organization of Ada's with others in it. */
async function givenRoster(
  open: Open,
  named: string,
  others: readonly { name: string; role: "owner" | "admin" | "member" }[],
) {
  const ada = await givenPerson(open);
  const slug = await givenOrganization(ada, named);
  const people: Person[] = [];
  for (const { name, role } of others) {
    const person = await givenPerson(open, { name });
    person.faults.allow(REFUSED);
    await givenMember(ada, slug, { person, role });
    people.push(person);
  }
  return { ada, slug, people };
}

describe("L3 rights change while a page is open", () => {
  browserTest("who is demoted loses the actions at once, is told why, and gets them back live", async ({ open }) => {
    const { ada, slug, people } = await givenRoster(open, "Demoted", [{ name: "Grace Hopper", role: "admin" }]);
    const [grace] = people as [Person];
    await ada.page.goto(`/o/${slug}/members`);
    await grace.page.goto(`/o/${slug}/members`);
    await untilLive(grace.page);
    await grace.page.getByRole("link", { name: "Change the role of Grace Hopper" }).click();
    const dialog = grace.page.getByRole("dialog", { name: "Role of Grace Hopper" });
    await dialog.waitFor();
    await changeRole(ada, "Grace Hopper", "Member");
    const notice = grace.page.getByTestId("role-notice");
    await notice.getByText("Your role in Demoted is now Member.").waitFor();
    await notice.getByText("What Member may not do is gone from these pages").waitFor();
    await eventually(() => grace.page.getByRole("link", { name: "Invite", exact: true }).count()).toBe(0);
    await eventually(() => dialog.count()).toBe(0);
    await eventually(() => grace.page.getByRole("checkbox").count()).toBe(0);
    await expect(removeAda(grace, slug)).rejects.toThrow("403");
    await changeRole(ada, "Grace Hopper", "Admin");
    await notice.getByText("Your role in Demoted is now Admin.").waitFor();
    await grace.page.getByRole("link", { name: "Invite", exact: true }).waitFor();
    await notice.getByRole("button", { name: "Dismiss" }).click();
    await eventually(() => notice.count()).toBe(0);
  });

  browserTest("a page that the new role does not open says which role does", async ({ open }) => {
    const { ada, slug, people } = await givenRoster(open, "Closed Page", [{ name: "Grace Hopper", role: "admin" }]);
    const [grace] = people as [Person];
    await grace.page.goto(`/o/${slug}/settings/api-keys`);
    await untilLive(grace.page);
    await ada.page.goto(`/o/${slug}/members`);
    await changeRole(ada, "Grace Hopper", "Member");
    await grace.page.getByRole("heading", { name: "Your role does not open this page" }).waitFor();
    await grace.page.getByText("It is open to an owner or an admin.").waitFor();
  });

  browserTest("who is removed while two pages are open is led elsewhere on both", async ({ open }) => {
    const { ada, slug, people } = await givenRoster(open, "Removed", [{ name: "Alan Turing", role: "member" }]);
    const [alan] = people as [Person];
    const other = await givenOrganization(alan, "Elsewhere");
    const second = await alan.newTab();
    await alan.page.goto(`/o/${slug}`);
    await second.goto(`/o/${slug}/wallet`);
    await untilLive(alan.page);
    await untilLive(second);
    await ada.page.goto(`/o/${slug}/members`);
    await ada.page.getByRole("link", { name: "Remove Alan Turing" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    for (const page of [alan.page, second]) {
      await page.getByText("You are no longer a member of Removed").waitFor();
      await page.getByText("Somebody who manages its members has removed you.").waitFor();
    }
    await eventually(() => alan.page.getByRole("link", { name: "Removed" }).count()).toBe(0);
    await second.getByRole("main").getByRole("link", { name: "Elsewhere" }).click();
    await second.waitForURL(`**/o/${other}`);
  });
});

describe("S2.14 many members at once", () => {
  browserTest("roles of those who are ticked change together, and Undo gives them back", async ({ open }) => {
    const { ada, slug } = await givenRoster(open, "Bulk", [
      { name: "Alan Turing", role: "member" },
      { name: "Grace Hopper", role: "member" },
      { name: "Edsger Dijkstra", role: "member" },
    ]);
    const { page } = ada;
    await page.goto(`/o/${slug}/members`);
    await untilLive(page);
    await page.getByRole("checkbox", { name: "Select Alan Turing" }).check();
    await page.getByRole("checkbox", { name: "Select Grace Hopper" }).check();
    await page.getByRole("link", { name: "Change role", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Role of 2 people" });
    await dialog.getByText("Alan Turing, Grace Hopper").waitFor();
    await dialog.getByRole("radio", { name: /^Admin/ }).check();
    await dialog.getByRole("button", { name: "Change 2 roles" }).click();
    const result = page.getByTestId("bulk-result");
    await result.getByText("2 people are now Admin.").waitFor();
    await eventually(() => page.getByRole("checkbox", { checked: true }).count()).toBe(0);
    await eventually(() => rosterOf(page)).toEqual([
      ["Ada Lovelace", "Owner"],
      ["Alan Turing", "Admin"],
      ["Grace Hopper", "Admin"],
      ["Edsger Dijkstra", "Member"],
    ]);
    // Somebody else is faster: what they changed stays.
    const roster = await ada.query<{ userId: string; name: string }[]>("members.list", { organization: slug });
    const alanId = roster.find(({ name }) => name === "Alan Turing")?.userId;
    await ada.mutate("members.changeRole", { organization: slug, userId: alanId, role: "billing_admin" });
    await result.getByRole("button", { name: "Undo" }).click();
    await result.getByText("Undone for 1 person").waitFor();
    await result.getByText("Somebody else has changed this meanwhile.").waitFor();
    await eventually(() => rosterOf(page)).toContainEqual(["Grace Hopper", "Member"]);
    await eventually(() => rosterOf(page)).toContainEqual(["Alan Turing", "Billing admin"]);
    await page.getByRole("link", { name: "Dismiss" }).click();
    await eventually(() => result.count()).toBe(0);
  });

  browserTest("those who are ticked are removed together; who may not be stays, by name", async ({ open }) => {
    const { ada, slug, people } = await givenRoster(open, "Bulk Removal", [
      { name: "Grace Hopper", role: "admin" },
      { name: "Alan Turing", role: "member" },
      { name: "Edsger Dijkstra", role: "member" },
    ]);
    const [grace, alan] = people as [Person, Person];
    await grace.page.goto(`/o/${slug}/members`);
    await alan.page.goto(`/o/${slug}`);
    await untilLive(alan.page);
    await untilLive(grace.page);
    await grace.page.getByRole("checkbox", { name: "Select all" }).check();
    await grace.page.getByText("2 selected").waitFor();
    await grace.page.getByRole("link", { name: "Remove", exact: true }).click();
    const dialog = grace.page.getByRole("dialog", { name: "Remove 2 people?" });
    await dialog.waitFor();
    await dialog.getByRole("button", { name: "Remove 2 people" }).click();
    await grace.page.getByTestId("bulk-result").getByText("2 people removed.").waitFor();
    await alan.page.getByText("You are no longer a member of Bulk Removal").waitFor();
    await eventually(() => rosterOf(grace.page)).toEqual([
      ["Ada Lovelace", "Owner"],
      ["Grace Hopper", "Admin"],
    ]);
    expect(await ada.query("members.list", { organization: slug })).toHaveLength(2);
  });

  browserTest("the list is sorted by its columns, in the address, and taken along as CSV", async ({ open }) => {
    const { ada, slug } = await givenRoster(open, "Sorted", [
      { name: "Grace Hopper", role: "admin" },
      { name: "Zuse Konrad", role: "member" },
    ]);
    const { page } = ada;
    await page.goto(`/o/${slug}/members`);
    await untilLive(page);
    const names = async () => (await rosterOf(page)).map(([name]) => name);
    await page.getByRole("link", { name: "Name (sort)" }).click();
    // The address is there before the heads lead on from it.
    const order = () => page.getByRole("columnheader", { name: /^Name/ }).getAttribute("aria-sort");
    await eventually(order).toBe("ascending");
    expect(new URL(page.url()).search).toBe("?sort=name");
    await page.getByRole("link", { name: "Name (sort)" }).click();
    await page.waitForURL("**/members?sort=-name");
    await eventually(names).toEqual(["Zuse Konrad", "Grace Hopper", "Ada Lovelace"]);
    await eventually(order).toBe("descending");
    await page.getByLabel("Search members").fill("z");
    await eventually(names).toEqual(["Zuse Konrad"]);
    expect(new URL(page.url()).search).toBe("?search=z&sort=-name");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`^${slug}-members-\\d{4}-\\d{2}-\\d{2}\\.csv$`));
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^Zuse Konrad,zuse/);
    await page.getByText("Saved, 1 row.").waitFor();
  });
});

describe("leaving", () => {
  browserTest("a member leaves: gone on every page, here and at the owner’s", async ({ open }) => {
    const { ada, slug, people } = await givenRoster(open, "Left", [{ name: "Alan Turing", role: "member" }]);
    const [alan] = people as [Person];
    const elsewhere = await givenOtherWindow(open, alan);
    elsewhere.faults.allow(REFUSED);
    await elsewhere.page.goto(`/o/${slug}`);
    await untilLive(elsewhere.page);
    await ada.page.goto(`/o/${slug}/members`);
    await untilLive(ada.page);
    await alan.page.goto(`/o/${slug}/members`);
    await untilLive(alan.page);
    await alan.page.getByRole("link", { name: "Leave Left" }).click();
    await alan.page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
    await alan.page.waitForURL("**/settings/organizations");
    await alan.page.getByText("You have left Left.").waitFor();
    await elsewhere.page.getByText("You have left it, here or in another window.").waitFor();
    await eventually(() => rosterOf(ada.page)).toEqual([["Ada Lovelace", "Owner"]]);
  });

  browserTest("the last owner is told why there is no leaving yet, and where to hand over", async ({ open }) => {
    const { ada, slug } = await givenRoster(open, "Last", [{ name: "Alan Turing", role: "member" }]);
    await ada.page.goto(`/o/${slug}/members?dialog=leave`);
    const dialog = ada.page.getByRole("dialog", { name: "You cannot leave Last yet" });
    await dialog.getByRole("link", { name: "Offer the ownership" }).click();
    await ada.page.waitForURL(`**/o/${slug}/ownership`);
  });

  browserTest("an account is deleted once nobody needs it as the only owner", async ({ open }) => {
    const { ada, slug, people } = await givenRoster(open, "Orphan", [{ name: "Grace Hopper", role: "admin" }]);
    const [grace] = people as [Person];
    ada.faults.allow(REFUSED);
    await grace.page.goto(`/o/${slug}/members`);
    await untilLive(grace.page);
    await ada.page.goto("/settings/account");
    await ada.page.getByRole("link", { name: "Delete account" }).click();
    await ada.page.getByText("You are the only owner of an organization").waitFor();
    expect(await ada.page.getByRole("button", { name: "Delete my account" }).count()).toBe(0);
    await makeOwner(ada, slug, "Grace Hopper");
    await ada.page.reload();
    await ada.page.getByText("You are the only admin of an enterprise").waitFor();
    await makeEnterpriseAdmin(ada, grace);
    await ada.page.reload();
    await ada.page.getByLabel("Your e-mail address").fill("somebody@example.com");
    await ada.page.getByLabel("Your password").fill(PASSWORD);
    await ada.page.getByRole("button", { name: "Delete my account" }).click();
    await ada.page.getByText("This is not the address of your account.").waitFor();
    await ada.page.getByLabel("Your e-mail address").fill(ada.email);
    await ada.page.getByLabel("Your password").fill(PASSWORD);
    await ada.page.getByRole("button", { name: "Delete my account" }).click();
    await ada.page.getByRole("heading", { name: "Sign in" }).waitFor();
    await eventually(() => rosterOf(grace.page)).toEqual([["Grace Hopper", "Owner"]]);
    await expect(ada.mutate("identity.signIn", { email: ada.email, password: PASSWORD })).rejects.toThrow("401");
  });
});

async function changeRole({ page }: Person, name: string, role: string): Promise<void> {
  await page.getByRole("link", { name: `Change the role of ${name}` }).click();
  const dialog = page.getByRole("dialog", { name: `Role of ${name}` });
  await dialog.getByRole("radio", { name: new RegExp(`^${role}`) }).check();
  await dialog.getByRole("button", { name: "Change role" }).click();
  await eventually(() => dialog.count()).toBe(0);
}

async function removeAda(person: Person, slug: string): Promise<unknown> {
  const roster = await person.query<{ userId: string; name: string }[]>("members.list", { organization: slug });
  const ada = roster.find(({ name }) => name === "Ada Lovelace");
  return person.mutate("members.remove", { organization: slug, userId: ada?.userId });
}

/** Their address is proved before, by the link that was mailed: nobody else is found by it. */
async function makeEnterpriseAdmin(admin: Person, person: Person): Promise<void> {
  const link = await linkMailedTo(person.email, /^Verify/);
  await person.mutate("email.verify", { token: new URL(link).pathname.split("/").at(-1) });
  const [own] = await admin.query<{ slug: string }[]>("enterprises.mine", {});
  await admin.mutate("enterprises.addAdmin", { enterprise: own?.slug, email: person.email });
}

async function makeOwner(owner: Person, slug: string, named: string): Promise<void> {
  const roster = await owner.query<{ userId: string; name: string }[]>("members.list", { organization: slug });
  const userId = roster.find(({ name }) => name === named)?.userId;
  await owner.mutate("members.changeRole", { organization: slug, userId, role: "owner" });
}
