import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, inject } from "vitest";
import { expectNoAxeViolations, expectNoSidewaysScroll } from "./axe.ts";
import { browserTest, eventually } from "./browser-test.ts";
import { givenCredits, givenMember, givenOrganization, givenPerson, type Person } from "./people.ts";
import { balanceOf, transactionsOf, untilLive } from "./reading.ts";

const NARROW = { width: 360, height: 740 };
const REFUSED = /status of 4(00|02|04|22)/;

/** 100 credits added, 7 and 2 used by two agents, 3 deducted. */
async function givenHistory(owner: Person, name: string) {
  const slug = await givenOrganization(owner, name);
  await givenCredits(owner, slug, "100");
  const use = await givenReporter(owner, slug);
  await use({ agent: "Support agent", member: owner.email });
  await use({ agent: "Sales agent" });
  await deduct(owner, slug, "3");
  return slug;
}

function deduct(person: Person, slug: string, amount: string) {
  const input = { organization: slug, amount, reason: "Correction", idempotencyKey: randomUUID() };
  return person.mutate("wallets.deductCredits", input);
}

async function givenReporter(owner: Person, slug: string) {
  const { key } = await owner.mutate<{ key: string }>("apiKeys.create", {
    organization: slug,
    name: "Test",
    scopes: ["usage:write", "prices:read"],
  });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const prices = await fetch(`${inject("portalUrl")}/api/v1/prices`, { headers });
  const { items } = (await prices.json()) as { items: { model: string }[] };
  return async (usage: { agent: string; member?: string }) => {
    const body = { ...usage, model: items[0]?.model, inputTokens: 100_000, outputTokens: 1_000 };
    const answer = await fetch(`${inject("portalUrl")}/api/v1/usage`, {
      ...{ method: "POST", headers, body: JSON.stringify({ ...body, idempotencyKey: randomUUID() }) },
    });
    expect(answer.status).toBe(201);
  };
}

const wordsOf = async (page: Page) => (await transactionsOf(page)).map(([words]) => words);
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe("S2.15 looking through the transactions", () => {
  browserTest("filters stand in the address, as chips that can be taken off one by one", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenHistory(ada, "Filtered");
    const { page } = ada;
    await page.goto(`/o/${slug}/wallet`);
    await untilLive(page);
    await page.getByText("Filter", { exact: true }).click();
    await page.getByRole("checkbox", { name: "Usage" }).check();
    await page.getByLabel("Agent").fill("Support agent");
    await page.getByRole("button", { name: "Apply filters" }).click();
    await page.waitForURL(/\?kind=usage&agent=Support\+agent$/);
    await eventually(async () => (await wordsOf(page)).length).toBe(1);
    expect((await wordsOf(page))[0]).toContain("Support agent");
    await page.getByRole("link", { name: "Remove the filter Agent: Support agent" }).click();
    await eventually(async () => (await wordsOf(page)).length).toBe(2);
    await page.goBack();
    await eventually(async () => (await wordsOf(page)).length).toBe(1);
    await page.getByRole("link", { name: "Clear filters" }).click();
    await eventually(async () => (await wordsOf(page)).length).toBe(4);
  });

  browserTest("member, days and amounts limit; nothing found is told apart from an empty wallet", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenHistory(ada, "Limited");
    const { userId } = (await ada.query<{ userId: string }[]>("members.list", { organization: slug }))[0] ?? {};
    const { page } = ada;
    const rows = async (query: string) => {
      await page.goto(`/o/${slug}/wallet?${query}`);
      return wordsOf(page);
    };
    expect(await rows(`member=${userId}&kind=usage`)).toHaveLength(1);
    expect(await rows("min=100&max=100")).toEqual(["Opening balance"]);
    expect(await rows("max=-3&kind=adjustment")).toEqual(["Correction"]);
    const today = new Date().toISOString().slice(0, 10);
    expect(await rows(`from=${today}&to=${today}`)).toHaveLength(4);
    expect(await rows("to=2020-01-01")).toEqual([]);
    await page.getByText("No transaction matches").waitFor();
    await page.getByRole("link", { name: "Show all transactions" }).click();
    await eventually(async () => (await wordsOf(page)).length).toBe(4);
  });

  browserTest("it works without JavaScript, and keeps what could not be read", async ({ open }) => {
    const ada = await givenPerson(open, { javaScript: false });
    const slug = await givenHistory(ada, "Plain Filters");
    const { page } = ada;
    await page.goto(`/o/${slug}/wallet`);
    await page.getByText("Filter", { exact: true }).click();
    await page.getByLabel("At least").fill("lots");
    await page.getByRole("button", { name: "Apply filters" }).click();
    await page.getByText("Enter an amount like 1,000 or −0.5").waitFor();
    expect(await page.getByLabel("At least").inputValue()).toBe("lots");
    await page.getByText("Nothing was looked for").waitFor();
    await page.getByLabel("At least").fill("1");
    await page.getByRole("button", { name: "Apply filters" }).click();
    await page.getByText("At least 1", { exact: true }).waitFor();
    expect(await wordsOf(page)).toEqual(["Opening balance"]);
    expect(await page.getByRole("link", { name: "Export CSV" }).getAttribute("href")).toContain(
      "minAmountMicro=1000000",
    );
  });

  browserTest("with filters on, new transactions are announced and not mixed in", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenHistory(ada, "Announced");
    const { page } = ada;
    await page.goto(`/o/${slug}/wallet?kind=adjustment&max=0`);
    await untilLive(page);
    expect(await wordsOf(page)).toEqual(["Correction"]);
    await deduct(ada, slug, "4");
    await page.getByText("There are new transactions").waitFor();
    expect(await wordsOf(page)).toHaveLength(1);
    await page.getByRole("button", { name: "Look again" }).click();
    await eventually(async () => (await wordsOf(page)).length).toBe(2);
    await eventually(() => page.getByText("There are new transactions").count()).toBe(0);
  });
});

describe("C5 the wallet’s summary", () => {
  browserTest(
    "granted credits show their end, warn when it is near, and arrive in the other window",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      const slug = await givenOrganization(ada, "Promotional");
      await givenMember(ada, slug, { person: grace, role: "member" });
      await givenCredits(ada, slug, "100");
      await grace.page.goto(`/o/${slug}/wallet`);
      await untilLive(grace.page);
      const { page } = ada;
      await page.goto(`/o/${slug}/wallet?dialog=add-credits`);
      await untilLive(page);
      const dialog = page.getByRole("dialog", { name: "Add Credits" });
      ada.faults.allow(REFUSED);
      await dialog.getByLabel("Amount").fill("50");
      await dialog.getByLabel("Expires").fill("2020-01-01");
      await dialog.getByRole("button", { name: "Add Credits" }).click();
      await eventually(() => dialog.getByLabel("Expires").getAttribute("aria-invalid")).toBe("true");
      expect(await dialog.getByLabel("Expires").inputValue()).toBe("2020-01-01");
      await dialog.getByLabel("Expires").fill(inDays(10));
      await dialog.getByRole("button", { name: "Add Credits" }).click();
      await dialog.waitFor({ state: "detached" });
      for (const window of [page, grace.page]) {
        await eventually(() => balanceOf(window)).toBe("150");
        await window.getByText("Expiring soon: 50 credits").waitFor();
        await eventually(() => window.getByTestId("lot").count()).toBe(2);
        expect(await window.getByTestId("lot").first().innerText()).toMatch(
          /Promotional\s+50\s+expires \d+ \w{3} \d{4}/,
        );
      }
      await expectNoAxeViolations(page);
      await page.setViewportSize(NARROW);
      await expectNoSidewaysScroll(page);
    },
  );

  browserTest("what is held is told apart from what is available, with every open hold", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Holding");
    await givenCredits(ada, slug, "100");
    const { page } = ada;
    await page.goto(`/o/${slug}/wallet`);
    await untilLive(page);
    const { key } = await ada.mutate<{ key: string }>("apiKeys.create", {
      organization: slug,
      name: "Test",
      scopes: ["holds:write"],
    });
    const order = { amountMicro: "30000000", toleranceMicro: "5000000", description: "Job" };
    const answer = await fetch(`${inject("portalUrl")}/api/v1/holds`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ ...order, idempotencyKey: randomUUID() }),
    });
    expect(answer.status).toBe(201);
    await page.getByText("credits, of which 30 held").waitFor();
    await eventually(() => page.getByRole("region", { name: "Balance" }).innerText()).toMatch(/Available\s+70\s/);
    await page.getByText("1 open hold").click();
    await eventually(async () => (await page.getByTestId("hold").innerText()).split("\t").slice(0, 3)).toEqual([
      ...["Job", "30", "35"],
    ]);
    await page.setViewportSize(NARROW);
    await expectNoSidewaysScroll(page);
    await expectNoAxeViolations(page);
  });

  browserTest("S1.15 C10 a member reads what is left of their allowance, live", async ({ open }) => {
    const ada = await givenPerson(open);
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    const slug = await givenOrganization(ada, "Allowances");
    await givenMember(ada, slug, { person: grace, role: "member" });
    await grace.page.goto(`/o/${slug}/wallet`);
    await untilLive(grace.page);
    const { page } = ada;
    await page.goto(`/o/${slug}/settings/general`);
    await untilLive(page);
    ada.faults.allow(REFUSED);
    await page.getByLabel("Allowance", { exact: true }).fill("some");
    await page.getByRole("button", { name: "Set allowance" }).click();
    await page.getByText("Enter an amount like 1,000, 0 for no spending").waitFor();
    await page.getByLabel("Allowance", { exact: true }).fill("1,000");
    await page.getByRole("button", { name: "Set allowance" }).click();
    await page.getByText("Each member may now spend 1,000 credits a month.").waitFor();
    await grace.page.getByText("Your allowance this month (UTC): 1,000 of 1,000 credits left").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await eventually(() => grace.page.getByText("Your allowance this month").count()).toBe(0);
    await grace.page.goto(`/o/${slug}/settings/general`);
    await grace.page.getByText("Only an owner or a billing admin can change it.").waitFor();
    expect(await grace.page.getByLabel("Allowance", { exact: true }).getAttribute("readonly")).not.toBeNull();
  });
});

describe("statements and export", () => {
  browserTest(
    "a month’s statement adds up, says that it is still running, and follows the wallet",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Statements");
      await givenCredits(ada, slug, "100");
      await deduct(ada, slug, "3");
      const { page } = ada;
      await page.goto(`/o/${slug}/wallet`);
      await page.locator("#content").getByRole("link", { name: "Statements" }).click();
      await page.getByText("Still running").waitFor();
      await untilLive(page);
      const lines = async () => {
        const rows = page.locator("[data-testid=statement-bound], [data-testid=statement-total]");
        return (await rows.allInnerTexts()).map((text) => text.split("\t").map((cell) => cell.trim()));
      };
      await eventually(lines).toEqual([
        ["Opening balance", "0"],
        ["Adjustment", "2", "+97"],
        ["Balance so far", "97"],
      ]);
      await deduct(ada, slug, "7");
      await eventually(async () => (await lines()).at(-1)).toEqual(["Balance so far", "90"]);
      ada.faults.allow(REFUSED);
      await page.goto(`/o/${slug}/wallet/statements?month=1999-01`);
      await page.getByText("There is nothing here").waitFor();
    },
  );

  browserTest("the export has every row, goes on while pages change, and can be cancelled", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenHistory(ada, "Exported");
    const { page } = ada;
    await page.goto(`/o/${slug}/wallet`);
    await untilLive(page);
    let letGo: () => void = () => undefined;
    await page.route(/transactions\.csv/, async (route) => {
      await new Promise<void>((done) => {
        letGo = done;
      });
      await route.continue().catch(() => undefined);
    });
    const tray = page.getByRole("region", { name: "Downloads" });
    await page.getByRole("link", { name: "Export CSV" }).click();
    await tray.getByRole("button", { name: "Cancel" }).click();
    await tray.getByText("Cancelled. Nothing was saved.").waitFor();
    letGo();
    await tray.getByRole("button", { name: "Try again" }).click();
    await tray.getByRole("progressbar").waitFor();
    await expectNoAxeViolations(page);
    await page.getByRole("link", { name: "Members", exact: true }).first().click();
    await page.getByRole("heading", { name: "Members", level: 1 }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), letGo()]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`^${slug}-transactions-\\d{4}-\\d{2}-\\d{2}\\.csv$`));
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
    expect(lines[0]).toBe("date,kind,description,actor,amount,balance,sequence");
    expect(lines.slice(1).map((line) => line.split(",").at(-1))).toEqual(["4", "3", "2", "1"]);
    await tray.getByText("Saved, 4 rows.").waitFor();
  });
});

describe("S2.3 transfers", () => {
  browserTest(
    "credits pass to another organization and to a member’s own wallet, live on all sides",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const grace = await givenPerson(open, { name: "Grace Hopper" });
      const slug = await givenOrganization(ada, "Giver");
      const other = await givenOrganization(ada, "Taker");
      await givenMember(ada, slug, { person: grace, role: "member" });
      await givenCredits(ada, slug, "100");
      await grace.page.goto("/settings/wallet");
      await grace.page.getByText("Nothing in it yet").waitFor();
      await untilLive(grace.page);
      const taker = await ada.newTab();
      await taker.goto(`/o/${other}/wallet`);
      await untilLive(taker);
      const { page } = ada;
      await page.goto(`/o/${slug}/wallet`);
      await untilLive(page);
      await transfer(page, { to: "Taker", amount: "40" });
      await eventually(() => balanceOf(page)).toBe("60");
      await eventually(() => balanceOf(taker)).toBe("40");
      await transfer(page, { to: "Grace Hopper", amount: "10" });
      await eventually(() => balanceOf(page)).toBe("50");
      await eventually(() => balanceOf(grace.page)).toBe("10");
      await eventually(() => transactionsOf(grace.page)).toEqual([["Passed on", "+10", "10"]]);
      await expectNoAxeViolations(grace.page);
    },
  );

  browserTest("a transfer without a receiver, or of too much, is told at its field", async ({ open }) => {
    const ada = await givenPerson(open);
    ada.faults.allow(REFUSED);
    const slug = await givenOrganization(ada, "Refused");
    const { page } = ada;
    await page.goto(`/o/${slug}/wallet?dialog=transfer`);
    await untilLive(page);
    const dialog = page.getByRole("dialog", { name: "Transfer Credits" });
    await dialog.getByLabel("Amount").fill("5");
    await dialog.getByLabel("Reason").fill("Passed on");
    await dialog.getByRole("button", { name: "Transfer Credits" }).click();
    await dialog.getByText("Choose who gets the credits.").waitFor();
    await dialog.getByLabel("To").selectOption({ label: "Ada Lovelace" });
    await dialog.getByRole("button", { name: "Transfer Credits" }).click();
    await dialog.getByText("The wallet holds 0 credits; this needs 5.").waitFor();
    expect(await dialog.getByLabel("Reason").inputValue()).toBe("Passed on");
    await expectNoAxeViolations(page);
  });
});

async function transfer(page: Page, { to, amount }: { to: string; amount: string }): Promise<void> {
  await page.getByRole("link", { name: "Transfer Credits" }).click();
  const dialog = page.getByRole("dialog", { name: "Transfer Credits" });
  await dialog.getByLabel("To").selectOption({ label: to });
  await dialog.getByLabel("Amount").fill(amount);
  await dialog.getByLabel("Reason").fill("Passed on");
  await dialog.getByRole("button", { name: "Transfer Credits" }).click();
  await dialog.waitFor({ state: "detached" });
}
