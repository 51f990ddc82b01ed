import { describe, expect } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenMember, givenOrganization, givenPerson, type Person } from "./people.ts";
import { rosterOf, untilLive } from "./reading.ts";

const REFUSED = /status of 4|WebSocket/;

describe("ownership", () => {
  browserTest(
    "an offer reaches the receiver wherever they are, and acceptance both at once; the giver is what they chose",
    async ({ open }) => {
      const { ada, grace, slug } = await givenTwo(open, "Handed Over");
      const elsewhere = await givenOrganization(grace, "Elsewhere");
      await grace.page.goto(`/o/${elsewhere}/wallet`);
      await untilLive(grace.page);
      await ada.page.goto(`/o/${slug}/members`);
      await untilLive(ada.page);
      await ada.page.getByRole("link", { name: "Offer the ownership to Grace Hopper" }).click();
      await ada.page.getByRole("radio", { name: /^Become an admin/ }).check();
      await ada.page.getByRole("button", { name: "Offer the ownership" }).click();
      await ada.page.getByText("The ownership is offered to Grace Hopper").waitFor();

      const banner = grace.page.getByTestId("ownership-banner");
      await banner.getByText("Ada Lovelace offers you the ownership of Handed Over").waitFor();
      await banner.getByRole("link", { name: "Look at the offer" }).click();
      await grace.page.waitForURL(`**/o/${slug}/ownership`);
      await grace.page.getByText("Ada Lovelace becomes an admin.").waitFor();
      await grace.page.getByRole("button", { name: "Accept the ownership" }).click();
      await grace.page.waitForURL(`**/o/${slug}/members`);
      await grace.page.getByText("You are now an owner of Handed Over.").waitFor();
      await eventually(() => rosterOf(grace.page)).toEqual([
        ["Grace Hopper", "Owner"],
        ["Ada Lovelace", "Admin"],
      ]);
      await ada.page.getByText("Your role in Handed Over is now Admin.").waitFor();
      await ada.page.getByText("Nothing is offered to you").waitFor();
      await eventually(() => banner.count()).toBe(0);
    },
  );

  browserTest("an offer that is taken back or declined is gone on both sides, with no reload", async ({ open }) => {
    const { ada, grace, slug } = await givenTwo(open, "Taken Back");
    await offer(ada, slug, "Grace Hopper");
    await ada.page.goto(`/o/${slug}/ownership`);
    await grace.page.goto(`/o/${slug}/ownership`);
    await untilLive(grace.page);
    await untilLive(ada.page);
    await grace.page.getByRole("button", { name: "Accept the ownership" }).waitFor();
    await ada.page.getByRole("button", { name: "Take the offer back" }).click();
    await grace.page.getByText("Nothing is offered to you").waitFor();
    await ada.page.getByRole("button", { name: "Offer the ownership" }).waitFor();
    await offer(ada, slug, "Grace Hopper");
    await grace.page.getByRole("button", { name: "Decline" }).click();
    await grace.page.getByText("You have declined the ownership.").waitFor();
    await ada.page.getByRole("button", { name: "Offer the ownership" }).waitFor();
    await eventually(() => grace.page.getByTestId("ownership-banner").count()).toBe(0);
  });

  browserTest("all of it works before any script has loaded", async ({ open }) => {
    const { ada, grace, slug } = await givenTwo(open, "Plain Ownership", false);
    await ada.page.goto(`/o/${slug}/members`);
    await ada.page.getByRole("link", { name: "Offer the ownership to Grace Hopper" }).click();
    await ada.page.getByRole("radio", { name: /^Stay an owner/ }).check();
    await ada.page.getByRole("button", { name: "Offer the ownership" }).click();
    await ada.page.getByText("The ownership is offered.").waitFor();
    await grace.page.goto("/settings/organizations");
    await grace.page.getByRole("link", { name: "Look at the offer" }).click();
    await grace.page.getByRole("button", { name: "Accept the ownership" }).click();
    await grace.page.getByText("You are now an owner of Plain Ownership.").waitFor();
    await ada.page.goto(`/o/${slug}/members`);
    expect(await rosterOf(ada.page)).toEqual([
      ["Ada Lovelace", "Owner"],
      ["Grace Hopper", "Owner"],
    ]);
    await ada.page.getByRole("link", { name: "Leave Plain Ownership" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
    await ada.page.getByText("You have left Plain Ownership.").waitFor();
  });
});

async function givenTwo(open: Parameters<typeof givenPerson>[0], named: string, javaScript = true) {
  const ada = await givenPerson(open, { javaScript });
  const grace = await givenPerson(open, { name: "Grace Hopper", javaScript });
  for (const person of [ada, grace]) person.faults.allow(REFUSED);
  const slug = await givenOrganization(ada, named);
  await givenMember(ada, slug, { person: grace, role: "member" });
  return { ada, grace, slug };
}

async function offer(owner: Person, slug: string, named: string): Promise<void> {
  const roster = await owner.query<{ userId: string; name: string }[]>("members.list", { organization: slug });
  const userId = roster.find(({ name }) => name === named)?.userId;
  await owner.mutate("ownership.offer", { organization: slug, userId, giverBecomes: "owner" });
}
