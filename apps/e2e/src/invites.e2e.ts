import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, inject } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { linkMailedTo } from "./mailbox.ts";
import { givenMember, givenOrganization, givenPerson, newEmail, PASSWORD, type Person } from "./people.ts";
import { rosterOf, untilLive } from "./reading.ts";

type Page = Person["page"];

/** How an address is opened by what is not a person reading it. */
const LOOKS: Record<string, string>[] = [
  {},
  { purpose: "prefetch", "sec-purpose": "prefetch" },
  { "user-agent": "MailScanner/1.0" },
];

/** The invites as the page shows them: [address, state]. */
async function invitesOf(page: Page): Promise<string[][]> {
  // At once: a row that goes between two questions would be waited for.
  return page
    .getByTestId("invite")
    .evaluateAll((rows) =>
      rows.map((row) => [
        (row.querySelector<HTMLElement>("td")?.innerText.split("\n")[0] ?? "").trim(),
        row.getAttribute("data-state") ?? "",
      ]),
    );
}

async function invite(page: Page, email: string, role = "Member"): Promise<string> {
  await page.getByRole("link", { name: "Invite", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByRole("radio", { name: new RegExp(`^${role}`) }).check();
  await dialog.getByRole("button", { name: "Invite" }).click();
  return page.getByLabel("Accept URL").inputValue();
}

describe("invites", () => {
  browserTest(
    "S2.11 S2.12 S2.14 invited by mail, a new person signs up, and the owner sees them come in",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Inviting");
      const email = newEmail("grace");
      await ada.page.goto(`/o/${slug}/members`);
      await untilLive(ada.page);
      const shown = await invite(ada.page, email, "Billing admin");
      await ada.page.getByRole("link", { name: "Done" }).click();
      await eventually(() => invitesOf(ada.page)).toEqual([[email, "pending"]]);
      const link = await linkMailedTo(email, /invites you to Inviting/);
      expect(link).not.toBe(shown);

      const grace = await open({ baseUrl: inject("portalUrl") });
      await grace.page.goto(link);
      await grace.page.getByRole("heading", { name: "Join Inviting" }).waitFor();
      expect(await grace.page.getByLabel("E-mail").inputValue()).toBe(email);
      await grace.page.getByLabel("Name").fill("Grace Hopper");
      await grace.page.getByLabel("Password").fill(PASSWORD);
      await grace.page.getByRole("button", { name: "Create account and join" }).click();
      await grace.page.waitForURL(`**/o/${slug}`);
      await eventually(() => invitesOf(ada.page)).toEqual([[email, "accepted"]]);
      await ada.page.goto(`/o/${slug}/members`);
      await eventually(() => rosterOf(ada.page)).toEqual([
        ["Ada Lovelace", "Owner"],
        ["Grace Hopper", "Billing admin"],
      ]);
      // The link came to that mailbox: nothing is left to be verified.
      expect(await grace.page.getByText(/verify your (e-mail|address)/i).count()).toBe(0);
    },
  );

  browserTest(
    "looking never consumes: GET, HEAD, prefetch, a scanner’s visit; only the button accepts",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      const slug = await givenOrganization(ada, "Scanned");
      await ada.page.goto(`/o/${slug}/invites`);
      await untilLive(ada.page);
      const acceptUrl = await invite(ada.page, grace.email);
      expect(await ada.page.getByLabel("Token").inputValue()).toBe(acceptUrl.split("/").at(-1));
      await ada.page.getByRole("link", { name: "Done" }).click();
      const mailed = await linkMailedTo(grace.email, /invites you to Scanned/);
      const { request } = grace.context;
      for (const url of [acceptUrl, mailed]) {
        for (const headers of LOOKS) {
          expect((await fetch(url, { headers })).status).toBe(200);
          expect((await fetch(url, { method: "HEAD", headers })).status).toBe(200);
          // As the invited person, too: their own browser may fetch ahead.
          expect((await request.get(url, { headers })).status()).toBe(200);
          expect((await request.head(url, { headers })).status()).toBe(200);
        }
        const input = encodeURIComponent(JSON.stringify({ token: url.split("/").at(-1) }));
        expect((await request.get(`/trpc/invites.accept?input=${input}`)).status()).toBe(405);
        const elsewhere = { headers: { origin: "https://elsewhere.example" }, form: { intent: "accept" } };
        expect((await request.post(url, elsewhere)).status()).toBe(403);
      }
      await eventually(() => invitesOf(ada.page)).toEqual([[grace.email, "pending"]]);
      await grace.page.goto(mailed);
      await grace.page.getByRole("button", { name: "Accept the invite" }).click();
      await grace.page.waitForURL(`**/o/${slug}`);
      await eventually(() => invitesOf(ada.page)).toEqual([[grace.email, "accepted"]]);
    },
  );

  browserTest(
    "signed in as somebody else: the page names no account and lets the right one come back",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      const alan = await givenPerson(open, { name: "Alan Turing" });
      const slug = await givenOrganization(ada, "Bound");
      await ada.page.goto(`/o/${slug}/invites`);
      await untilLive(ada.page);
      const acceptUrl = await invite(ada.page, grace.email);
      await alan.page.goto(acceptUrl);
      await alan.page.getByText("This invite is for another account").waitFor();
      const words = await alan.page.content();
      for (const name of [grace.email, alan.email, "Grace", "Alan"]) expect(words).not.toContain(name);
      await alan.page.getByRole("button", { name: "Use another account" }).click();
      await alan.page.getByLabel("E-mail").fill(grace.email);
      await alan.page.getByLabel("Password").fill(PASSWORD);
      await alan.page.getByRole("button", { name: "Sign in", exact: true }).click();
      await alan.page.getByRole("button", { name: "Accept the invite" }).click();
      await alan.page.waitForURL(`**/o/${slug}`);
      await eventually(() => invitesOf(ada.page)).toEqual([[grace.email, "accepted"]]);
    },
  );

  browserTest("who has an account already is led to sign in, and their password stays theirs", async ({ open }) => {
    const ada = await givenPerson(open);
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    const slug = await givenOrganization(ada, "Known");
    const { acceptUrl } = await ada.mutate<{ acceptUrl: string }>("invites.create", {
      ...{ organization: slug, email: grace.email, role: "admin" },
    });
    const stranger = await open({ baseUrl: inject("portalUrl") });
    stranger.faults.allow(/status of 409/);
    await stranger.page.goto(acceptUrl);
    await stranger.page.getByLabel("Name").fill("Mallory");
    await stranger.page.getByLabel("Password").fill("another long password");
    await stranger.page.getByRole("button", { name: "Create account and join" }).click();
    await stranger.page.getByText("You have an account already").waitFor();
    await stranger.page.getByRole("link", { name: "Sign in to accept the invite" }).click();
    await stranger.page.getByLabel("E-mail").fill(grace.email);
    await stranger.page.getByLabel("Password").fill(PASSWORD);
    await stranger.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await stranger.page.getByRole("button", { name: "Accept the invite" }).click();
    await stranger.page.waitForURL(`**/o/${slug}`);
    await ada.page.goto(`/o/${slug}/members`);
    await eventually(() => rosterOf(ada.page)).toContainEqual(["Grace Hopper", "Admin"]);
  });

  browserTest(
    "L1 the old link dies when the invite is sent again; a revoked one says so, live in a second tab",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Again");
      const email = newEmail("grace");
      const { page } = ada;
      await page.goto(`/o/${slug}/invites`);
      const tab = await ada.newTab();
      await tab.goto(`/o/${slug}/invites?state=pending`);
      await untilLive(page);
      await untilLive(tab);
      const first = await invite(page, email);
      await page.getByRole("link", { name: "Done" }).click();
      await eventually(() => invitesOf(tab)).toEqual([[email, "pending"]]);
      await page.getByRole("button", { name: `Resend the invite of ${email}` }).click();
      await page.getByRole("dialog", { name: "Invite sent again" }).waitFor();
      const second = await page.getByLabel("Accept URL").inputValue();
      await page.getByRole("link", { name: "Done" }).click();
      const guest = await open({ baseUrl: inject("portalUrl") });
      guest.faults.allow(/status of 4/);
      await guest.page.goto(first);
      await guest.page.getByText("only the newest link works").waitFor();
      await guest.page.goto(second);
      await guest.page.getByRole("heading", { name: "Join Again" }).waitFor();

      await page.getByRole("link", { name: `Revoke the invite of ${email}` }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await page.getByText("The invite was revoked.").waitFor();
      await eventually(() => invitesOf(page)).toEqual([[email, "revoked"]]);
      await eventually(() => invitesOf(tab)).toEqual([]);
      await guest.page.reload();
      await guest.page.getByText("was taken back by the organization").waitFor();
      await page.getByRole("link", { name: `Invite again ${email}` }).click();
      expect(await page.getByRole("dialog").getByLabel("E-mail").inputValue()).toBe(email);
    },
  );

  browserTest(
    "S3.18 a signed-in person finds the invite among their organizations, live, and the switcher gains it",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      const first = await givenOrganization(ada, "Proving");
      // Coming by a mailed link once is what proves the address.
      await ada.mutate("invites.create", { organization: first, email: grace.email, role: "member" });
      const link = await linkMailedTo(grace.email, /invites you to Proving/);
      await grace.mutate("invites.accept", { token: link.split("/").at(-1) });
      await grace.page.goto("/settings/organizations");
      await untilLive(grace.page);
      expect(await grace.page.getByTestId("received-invite").count()).toBe(0);
      for (const name of ["Welcoming", "Unwanted"]) {
        const organization = await givenOrganization(ada, name);
        await ada.mutate("invites.create", { organization, email: grace.email, role: "admin" });
      }
      await eventually(() => grace.page.getByTestId("received-invite").count()).toBe(2);
      await grace.page.getByRole("button", { name: "Decline the invite of Unwanted" }).click();
      await grace.page.getByText("You have declined the invite of Unwanted.").waitFor();
      await eventually(() => grace.page.getByTestId("received-invite").count()).toBe(1);
      await grace.page.getByRole("button", { name: "Accept the invite of Welcoming" }).click();
      await grace.page.getByText("Welcome to Welcoming: you are a member now.").waitFor();
      await grace.page.goto("/settings/organizations");
      await eventually(() => grace.page.getByTestId("organization").allInnerTexts()).toEqual([
        expect.stringContaining("Proving"),
        expect.stringContaining("Welcoming"),
      ]);
    },
  );
});

describe("many invites", () => {
  for (const javaScript of [true, false]) {
    browserTest(
      `S2.11 a list is looked at, changed and sent${javaScript ? "" : ", before any script has loaded"}`,
      async ({ open }) => {
        const ada = await givenPerson(open, { javaScript });
        const grace = await givenPerson(open, { name: "Grace Hopper" });
        const slug = await givenOrganization(ada, "Many");
        await givenMember(ada, slug, { person: grace, role: "member" });
        const { page } = ada;
        const [one, two] = [newEmail("one"), newEmail("two")];
        await page.goto(`/o/${slug}/invites`);
        await page.getByRole("link", { name: "Invite many" }).click();
        await page.getByLabel("Addresses").fill(`${one}\nnobody`);
        await page.getByRole("button", { name: "Check the list" }).click();
        await page.getByText("1 new, 1 not valid.").waitFor();
        await page.getByRole("button", { name: "Change the list" }).click();
        await eventually(() => page.getByLabel("Addresses").inputValue()).toBe(`${one}\nnobody`);
        const csv = `email,role\r\n${one},admin\r\n${two},\r\n${grace.email},admin\r\n${one},member\r\n`;
        await page
          .getByLabel("Or a CSV file")
          .setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
        await page.getByRole("button", { name: "Check the list" }).click();
        await page.getByText("2 new, 1 member already, 1 listed twice.").waitFor();
        expect(await invitesIn(ada, slug)).toEqual([]);
        await page.getByRole("button", { name: "Invite 2 people" }).click();
        await page.getByText("2 people invited into Many").waitFor();
        const statuses = await page.getByTestId("line").evaluateAll((rows) => rows.map((row) => row.dataset.status));
        expect(statuses).toEqual(["invited", "invited", "already_member", "duplicate"]);
        expect((await invitesIn(ada, slug)).sort()).toEqual(
          [
            [one, "admin"],
            [two, "member"],
          ].sort(),
        );
        expect(await linkMailedTo(two, /invites you to Many/)).toContain("/invite/");
      },
    );
  }

  browserTest(
    "S2.11 hundreds of addresses are sent at once, and what is no list is refused at its field",
    async ({ open }) => {
      const ada = await givenPerson(open);
      ada.faults.allow(/status of 4/);
      const slug = await givenOrganization(ada, "Thousand");
      const { page } = ada;
      await page.goto(`/o/${slug}/invites/many`);
      await untilLive(page);
      const file = (text: string) => ({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
      await page.getByLabel("Or a CSV file").setInputFiles(file("PK\u0003\u0004\u0000\u0000"));
      await page.getByRole("button", { name: "Check the list" }).click();
      await page.getByText("This is no text file.").waitFor();
      // Longer than what any other form may send.
      const company = ["x", "y", "z"].map((letter) => letter.repeat(50)).join(".");
      const people = Array.from({ length: 300 }, () =>
        `${randomUUID()}-${randomUUID()}@${company}.example.com`.slice(10),
      );
      expect(people.join("\n").length).toBeGreaterThan(64 * 1024);
      await page.getByLabel("Or a CSV file").setInputFiles(file(people.join("\n")));
      await page.getByRole("button", { name: "Check the list" }).click();
      // The second part arrives, but its answer does not: it is asked for again.
      let calls = 0;
      await page.route("**/trpc/invites.sendList**", async (route) => {
        calls += 1;
        if (calls !== 2) return route.continue();
        await route.fetch();
        await route.abort();
      });
      ada.faults.allow(/ERR_FAILED/);
      await page.getByRole("button", { name: "Invite 300 people" }).click();
      await page.getByText(/^\d+ of 300 invited$/).waitFor();
      // The other pages go on meanwhile, and the list with them.
      await page.getByRole("link", { name: "Overview" }).first().click();
      await page.getByTestId("invite-run").getByText("300 of 300 invited.").waitFor();
      await page.getByRole("link", { name: "See the results" }).click();
      await page.getByText("300 people invited into Thousand").waitFor();
      const saved = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save the results" }).click();
      const csv = await readFile(await (await saved).path(), "utf8");
      expect(csv.split("\r\n")).toHaveLength(302);
      // Those of the answer that was lost have no link any more.
      expect(csv.match(/\/invite\//g)).toHaveLength(250);
      await page.getByRole("link", { name: "Open invites" }).click();
      await page.getByRole("link", { name: "Pending 300" }).waitFor();
      await eventually(() => page.getByTestId("invite").count()).toBe(50);
      await page.getByRole("link", { name: "Show older invites" }).click();
      await eventually(() => page.getByTestId("invite").count()).toBe(100);
    },
  );
});

describe("S2.11 a long list on its way", () => {
  browserTest("cancelled and reloaded, what is invited stays and the rest follows, each once", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Halves");
    const { page } = ada;
    const people = Array.from({ length: 120 }, () => newEmail("guest"));
    await page.goto(`/o/${slug}/invites/many`);
    await untilLive(page);
    // The second part waits until it was cancelled.
    const held = Promise.withResolvers<void>();
    let calls = 0;
    await page.route("**/trpc/invites.sendList**", async (route) => {
      calls += 1;
      if (calls === 2) await held.promise;
      await route.continue();
    });
    await page.getByLabel("Addresses").fill(people.join("\n"));
    await page.getByRole("button", { name: "Check the list" }).click();
    await page.getByRole("button", { name: "Invite 120 people" }).click();
    await page.getByText("50 of 120 invited", { exact: true }).waitFor();
    await eventually(() => page.getByRole("progressbar").getAttribute("value")).toBe("50");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Stopping…" }).waitFor();
    held.resolve();
    await page.getByText("Cancelled: 100 of 120 invited").waitFor();
    // The button that was pressed is gone: the focus is where its outcome stands.
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe("run-ended");
    await page.getByText("100 people are invited and stay so. 20 people wait to be invited.").waitFor();
    await page.reload();
    await page.getByText("Cancelled: 100 of 120 invited").waitFor();
    // What stands still can be put away from every page, or opened again.
    await page.getByRole("link", { name: "Overview" }).first().click();
    await page.getByRole("button", { name: "Dismiss Invites into Halves" }).waitFor();
    await page.getByRole("link", { name: "Open the list" }).click();
    await page.getByRole("button", { name: "Continue with 20 people" }).click();
    await page.getByText("120 people invited into Halves").waitFor();
    const { counts } = await ada.query<{ counts: { pending: number } }>("invites.list", { organization: slug });
    expect(counts.pending).toBe(120);
    await page.getByRole("link", { name: "Invite more" }).click();
    await page.getByLabel("Addresses").waitFor();
  });

  browserTest("what a window keeps of it is gone once somebody signed out, not before", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Signing Out");
    const { page } = ada;
    await page.goto(`/o/${slug}`);
    await untilLive(page);
    await page.evaluate(() => sessionStorage.setItem("invite-lists:somebody", "[]"));
    const kept = () => page.evaluate(() => sessionStorage.getItem("invite-lists:somebody"));
    await page.reload();
    await untilLive(page);
    expect(await kept()).toBe("[]");
    await page.getByRole("button", { name: "Sign out", exact: true }).first().click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await kept()).toBeNull();
  });
});

async function invitesIn(person: Person, slug: string): Promise<string[][]> {
  const { items } = await person.query<{ items: { email: string; role: string; state: string }[] }>("invites.list", {
    ...{ organization: slug, states: ["pending"] },
  });
  return items.map(({ email, role }) => [email, role]);
}
