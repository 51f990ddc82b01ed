import { describe, expect } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenCredits, givenMember, givenOrganization, givenPerson } from "./people.ts";
import { rosterOf, untilLive } from "./reading.ts";

/** What the browser notes when a page asks for something that the person may no longer see. */
const REFUSED = /status of 40[34]|WebSocket/;

describe("members", () => {
  browserTest(
    "S2.14 L3 a changed role shows at once in the other browser, which then offers what it allows",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const alan = await givenPerson(open, { name: "Alan Turing" });
      alan.faults.allow(REFUSED);
      const slug = await givenOrganization(ada, "Roles");
      await givenMember(ada, slug, { person: alan, role: "member" });
      await givenCredits(ada, slug, "50");
      await alan.page.goto(`/o/${slug}/wallet`);
      await untilLive(alan.page);
      expect(await alan.page.getByRole("link", { name: "Deduct Credits" }).count()).toBe(0);
      expect(await alan.page.getByTestId("transaction").count()).toBe(0);

      await ada.page.goto(`/o/${slug}/members`);
      await untilLive(ada.page);
      await changeRole(ada.page, "Alan Turing", "Billing admin");
      await alan.page.getByText("Your role in Roles is now Billing admin.").waitFor();
      await alan.page.getByRole("link", { name: "Deduct Credits" }).waitFor();
      await eventually(() => alan.page.getByTestId("transaction").count()).toBe(1);
      await eventually(() => rosterOf(ada.page)).toContainEqual(["Alan Turing", "Billing admin"]);

      await changeRole(ada.page, "Alan Turing", "Member");
      await eventually(() => alan.page.getByRole("link", { name: "Deduct Credits" }).count()).toBe(0);
      await eventually(() => alan.page.getByTestId("transaction").count()).toBe(0);
    },
  );

  browserTest(
    "L3 who is removed is told so on the open page, and sees nothing that happens afterwards",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const alan = await givenPerson(open, { name: "Alan Turing" });
      alan.faults.allow(REFUSED);
      const slug = await givenOrganization(ada, "Leaving");
      await givenMember(ada, slug, { person: alan, role: "billing_admin" });
      await givenCredits(ada, slug, "10");
      await alan.page.goto(`/o/${slug}/wallet`);
      await untilLive(alan.page);
      const frames: string[] = [];
      await recordFrames(alan.page, frames);
      await ada.page.goto(`/o/${slug}/members`);
      await ada.page.getByRole("link", { name: "Remove Alan Turing" }).click();
      await ada.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await alan.page.getByText("You are no longer a member of Leaving").waitFor();
      await givenCredits(ada, slug, "987654");
      await eventually(() => rosterOf(ada.page)).toEqual([["Ada Lovelace", "Owner"]]);
      expect(await alan.page.getByTestId("balance").count()).toBe(0);
      expect(frames.join("\n")).not.toContain("987");
      await alan.page.goto(`/o/${slug}/wallet`);
      await alan.page.getByRole("heading", { name: "There is nothing here" }).waitFor();
    },
  );

  browserTest("the last owner cannot give up the role, and the form says so at its field", async ({ open }) => {
    const ada = await givenPerson(open);
    ada.faults.allow(/status of 409/);
    const slug = await givenOrganization(ada, "One Owner");
    await ada.page.goto(`/o/${slug}/members`);
    await untilLive(ada.page);
    await changeRole(ada.page, "Ada Lovelace", "Admin");
    await ada.page.getByText("An organization needs an owner").waitFor();
    const chosen = ada.page.getByRole("dialog").getByRole("radio", { name: /^Admin/ });
    expect(await chosen.getAttribute("aria-invalid")).toBe("true");
    expect(await chosen.isChecked()).toBe(true);
    await eventually(() => rosterOf(ada.page)).toEqual([["Ada Lovelace", "Owner"]]);
  });

  browserTest("Undo gives back the role that was changed", async ({ open }) => {
    const ada = await givenPerson(open);
    const alan = await givenPerson(open, { name: "Alan Turing" });
    const slug = await givenOrganization(ada, "Undone");
    await givenMember(ada, slug, { person: alan, role: "member" });
    await ada.page.goto(`/o/${slug}/members`);
    await untilLive(ada.page);
    await changeRole(ada.page, "Alan Turing", "Admin");
    await eventually(() => rosterOf(ada.page)).toContainEqual(["Alan Turing", "Admin"]);
    await ada.page.getByRole("button", { name: "Undo", exact: true }).click();
    await eventually(() => rosterOf(ada.page)).toContainEqual(["Alan Turing", "Member"]);
  });

  browserTest("search, role and seat stand in the address, and back undoes them", async ({ open }) => {
    const ada = await givenPerson(open);
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    const slug = await givenOrganization(ada, "Filtered");
    await givenMember(ada, slug, { person: grace, role: "admin" });
    await ada.page.goto(`/o/${slug}/members?search=HOPP`);
    await eventually(() => rosterOf(ada.page)).toEqual([["Grace Hopper", "Admin"]]);
    await ada.page.getByLabel("Search members").fill("");
    await ada.page.getByLabel("Role").selectOption("owner");
    await eventually(() => rosterOf(ada.page)).toEqual([["Ada Lovelace", "Owner"]]);
    await eventually(() => new URL(ada.page.url()).searchParams.get("role")).toBe("owner");
    await ada.page.getByTestId("member").getByText("No Pro seat").locator("visible=true").waitFor();
    await ada.page.getByLabel("Seat").selectOption("Suspended seat");
    await ada.page.getByText("Nobody matches").waitFor();
    await eventually(() => new URL(ada.page.url()).search).toBe("?role=owner&seat=suspended");
  });
});

type Page = Awaited<ReturnType<typeof givenPerson>>["page"];

async function changeRole(page: Page, name: string, role: string): Promise<void> {
  await page.getByRole("link", { name: `Change the role of ${name}` }).click();
  const dialog = page.getByRole("dialog", { name: `Role of ${name}` });
  await dialog.getByRole("radio", { name: new RegExp(`^${role}`) }).check();
  await dialog.getByRole("button", { name: "Change role" }).click();
}

/** Collects what arrives over WebSockets that are open already or will be. */
async function recordFrames(page: Page, frames: string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  devtools.on("Network.webSocketFrameReceived", ({ response }) => frames.push(response.payloadData));
  await devtools.send("Network.enable");
}
