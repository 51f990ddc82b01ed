import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { describe, expect, inject } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenCredits, givenMember, givenOrganization, givenPerson, type Person } from "./people.ts";
import { balanceOf, transactionsOf, untilLive } from "./reading.ts";

const REFUSED = /status of 4(00|02|22)/;

describe("the wallet", () => {
  browserTest(
    "S0.16 S0.17 S0.18 S0.19 credits are added and deducted with a reason, each row with its balance",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Wallet Works");
      const { page } = ada;
      await page.goto(`/o/${slug}/wallet`);
      await page.getByText("No transactions yet").waitFor();
      await untilLive(page);
      await moveCredits(page, "Add Credits", { amount: "1,000.5", Description: "Quarterly budget" });
      await eventually(() => balanceOf(page)).toBe("1,000.5");
      await moveCredits(page, "Deduct Credits", { amount: "0.047", Reason: "Correction" });
      await eventually(() => balanceOf(page)).toBe("1,000.453");
      await eventually(() => transactionsOf(page)).toEqual([
        ["Correction", "−0.047", "1,000.453"],
        ["Quarterly budget", "+1,000.5", "1,000.5"],
      ]);
      const time = page.getByTestId("transaction").first().locator("time:visible");
      expect(await time.getAttribute("title")).toMatch(/\d{4}, \d{2}:\d{2}:\d{2} \(Europe\/Berlin\)$/);
    },
  );

  browserTest("L1 a deduction in one browser changes the balance and the rows in the other", async ({ open }) => {
    const ada = await givenPerson(open);
    const grace = await givenPerson(open, { name: "Grace Hopper" });
    const slug = await givenOrganization(ada, "Two Browsers");
    await givenMember(ada, slug, { person: grace, role: "admin" });
    await givenCredits(ada, slug, "1000");
    await grace.page.goto(`/o/${slug}/wallet`);
    const overview = await grace.newTab();
    await overview.goto(`/o/${slug}`);
    await untilLive(grace.page);
    await untilLive(overview);
    await ada.page.goto(`/o/${slug}/wallet`);
    await untilLive(ada.page);
    await moveCredits(ada.page, "Deduct Credits", { amount: "250", Reason: "Conference" });
    await eventually(() => balanceOf(grace.page)).toBe("750");
    await eventually(() => balanceOf(overview)).toBe("750");
    await eventually(() => transactionsOf(grace.page)).toEqual([
      ["Conference", "−250", "750"],
      ["Opening balance", "+1,000", "1,000"],
    ]);
    await eventually(async () => (await transactionsOf(overview))[0]?.slice(0, 2)).toEqual(["Conference", "−250"]);
  });

  browserTest(
    "more than there is cannot be deducted; the form keeps what was typed and says so at the amount",
    async ({ open }) => {
      const ada = await givenPerson(open);
      ada.faults.allow(REFUSED);
      const slug = await givenOrganization(ada, "Not Enough");
      await givenCredits(ada, slug, "10");
      const { page } = ada;
      await page.goto(`/o/${slug}/wallet?dialog=deduct-credits`);
      await untilLive(page);
      const dialog = page.getByRole("dialog", { name: "Deduct Credits" });
      await dialog.getByLabel("Amount").fill("10.000001");
      await dialog.getByLabel("Reason").fill("Too much");
      await dialog.getByRole("button", { name: "Deduct Credits" }).click();
      await eventually(() => dialog.getByLabel("Amount").getAttribute("aria-invalid")).toBe("true");
      await dialog.getByText("The wallet does not hold enough credits").waitFor();
      expect(await dialog.getByLabel("Reason").inputValue()).toBe("Too much");
      expect(await balanceOf(page)).toBe("10");
      await dialog.getByLabel("Amount").fill("10");
      await dialog.getByRole("button", { name: "Deduct Credits" }).click();
      await eventually(() => balanceOf(page)).toBe("0");
    },
  );

  browserTest("a form that is sent twice moves credits once", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Sent Twice");
    const { page } = ada;
    await page.goto(`/o/${slug}/wallet?dialog=add-credits`);
    await untilLive(page);
    const dialog = page.getByRole("dialog", { name: "Add Credits" });
    await dialog.getByLabel("Amount").fill("5");
    const form = await dialog.locator("form").evaluate((element) => {
      const entries = [...new FormData(element as HTMLFormElement)].map(([name, value]) => [name, String(value)]);
      return new URLSearchParams(entries).toString();
    });
    await dialog.getByRole("button", { name: "Add Credits" }).dblclick({ noWaitAfter: true });
    await eventually(() => balanceOf(page)).toBe("5");
    const again = await ada.context.request.post(`/o/${slug}/wallet`, {
      data: form,
      headers: { "content-type": "application/x-www-form-urlencoded", origin: inject("portalUrl") },
    });
    expect(again.ok()).toBe(true);
    await page.reload();
    expect(await balanceOf(page)).toBe("5");
    expect(await transactionsOf(page)).toHaveLength(1);
  });

  browserTest(
    "a deduction whose answer is lost is sent again from the same form, and happens once",
    async ({ open }) => {
      const ada = await givenPerson(open);
      ada.faults.allow(/ERR_FAILED/);
      const slug = await givenOrganization(ada, "Lost Answer");
      await givenCredits(ada, slug, "10");
      const { page } = ada;
      await page.goto(`/o/${slug}/wallet?dialog=deduct-credits`);
      await untilLive(page);
      let lost = 0;
      await page.route(/wallet\.data/, async (route) => {
        if (route.request().method() !== "POST" || lost > 0) return route.continue();
        lost += 1;
        await route.fetch();
        await route.abort();
      });
      const dialog = page.getByRole("dialog", { name: "Deduct Credits" });
      await dialog.getByLabel("Amount").fill("4");
      await dialog.getByLabel("Reason").fill("Sent again");
      await dialog.getByRole("button", { name: "Deduct Credits" }).click();
      await dialog.getByText("The server could not be reached").waitFor();
      expect(await dialog.getByLabel("Reason").inputValue()).toBe("Sent again");
      await dialog.getByRole("button", { name: "Deduct Credits" }).click();
      await dialog.waitFor({ state: "detached" });
      await eventually(() => balanceOf(page)).toBe("6");
      await eventually(() => transactionsOf(page)).toHaveLength(2);
      expect(lost).toBe(1);
    },
  );

  browserTest(
    "S0.16 older transactions come in pages, none missing and none twice, while new ones arrive",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Long History");
      const { page } = ada;
      for (let n = 1; n <= 60; n += 1) await givenCredits(ada, slug, String(n));
      await page.goto(`/o/${slug}/wallet`);
      await untilLive(page);
      expect(await page.getByTestId("transaction").count()).toBe(50);
      await givenCredits(ada, slug, "61");
      await eventually(() => page.getByTestId("transaction").count()).toBe(51);
      await page.getByRole("link", { name: "Show older transactions" }).click();
      await eventually(() => page.getByTestId("transaction").count()).toBe(61);
      const amounts = (await transactionsOf(page)).map(([, amount]) => Number(amount));
      expect(amounts).toEqual(Array.from({ length: 61 }, (_, index) => 61 - index));
      await eventually(() => page.getByRole("link", { name: "Show older transactions" }).count()).toBe(0);
    },
  );

  browserTest(
    "usage over HTTP is billed live on the wallet and the usage page, and refused when credits run out",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Metered");
      await givenCredits(ada, slug, "1");
      const usage = await ada.newTab();
      await ada.page.goto(`/o/${slug}/wallet`);
      await usage.goto(`/o/${slug}/usage`);
      await untilLive(ada.page);
      await untilLive(usage);
      const report = await givenReporter(ada, slug);
      const first = await report({ agent: "Support agent", inputTokens: 1_000, outputTokens: 1_000 });
      expect(first.status).toBe(201);
      const leftMicro = 1_000_000n - BigInt(first.body.amountMicro);
      await eventually(() => balanceOf(ada.page)).toBe(inCredits(leftMicro));
      await eventually(() => usage.getByTestId("usage-event").count()).toBe(1);
      expect(await usage.getByTestId("usage-event").innerText()).toContain("Support agent");

      const refused = await report({ agent: "Support agent", inputTokens: 1_000_000_000, outputTokens: 1_000_000_000 });
      expect(refused.status).toBe(402);
      await ada.page.reload();
      expect(await balanceOf(ada.page)).toBe(inCredits(leftMicro));
      expect(await ada.page.getByTestId("transaction").count()).toBe(2);
    },
  );

  browserTest("an API key is shown once, works, and is refused as soon as it is revoked", async ({ open }) => {
    const ada = await givenPerson(open);
    const slug = await givenOrganization(ada, "Keys");
    const { page } = ada;
    await page.goto(`/o/${slug}/settings/api-keys?dialog=create`);
    await untilLive(page);
    await page.getByRole("dialog").getByLabel("Name").fill("Night batch");
    await page.getByRole("button", { name: "Create key" }).click();
    const key = await page.getByLabel("Key", { exact: true }).inputValue();
    await page.getByRole("link", { name: "Done" }).click();
    const readWallet = () =>
      fetch(`${inject("portalUrl")}/api/v1/wallet`, { headers: { authorization: `Bearer ${key}` } });
    expect((await readWallet()).status).toBe(200);
    await eventually(() => page.content()).not.toContain(key);
    await page.getByRole("link", { name: "Revoke Night batch" }).click();
    await page.getByRole("button", { name: "Revoke key" }).click();
    await page.getByTestId("api-key").getByText("Revoked").waitFor();
    expect((await readWallet()).status).toBe(401);
  });
});

async function moveCredits(page: Page, action: string, { amount, ...words }: Record<string, string>): Promise<void> {
  await page.getByRole("link", { name: action }).first().click();
  const dialog = page.getByRole("dialog", { name: action });
  await dialog.getByLabel("Amount").fill(amount ?? "");
  for (const [label, text] of Object.entries(words)) await dialog.getByLabel(label).fill(text);
  await dialog.getByRole("button", { name: action }).click();
  await dialog.waitFor({ state: "detached" });
}

interface UsageAnswer {
  status: number;
  body: { amountMicro: string };
}

/** Makes an API key, and a function that reports usage with it. */
async function givenReporter(owner: Person, slug: string) {
  const { key } = await owner.mutate<{ key: string }>("apiKeys.create", {
    organization: slug,
    name: "Test",
    scopes: ["usage:write", "prices:read"],
  });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const prices = await fetch(`${inject("portalUrl")}/api/v1/prices`, { headers });
  const { items } = (await prices.json()) as { items: { model: string }[] };
  return async (usage: { agent: string; inputTokens: number; outputTokens: number }): Promise<UsageAnswer> => {
    const answer = await fetch(`${inject("portalUrl")}/api/v1/usage`, {
      method: "POST",
      headers,
      body: JSON.stringify({ ...usage, model: items[0]?.model, idempotencyKey: randomUUID() }),
    });
    return { status: answer.status, body: (await answer.json()) as UsageAnswer["body"] };
  };
}

/** Less than one credit, as the page writes it: three decimals, cut, no trailing zeros. */
function inCredits(amountMicro: bigint): string {
  return String(Number(amountMicro / 1_000n) / 1_000);
}
