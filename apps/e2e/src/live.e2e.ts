import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import { browserTest, eventually } from "./browser-test.ts";
import { givenCredits, givenMember, givenOrganization, givenOtherWindow, givenPerson, type Person } from "./people.ts";
import { type Portal, startPortal } from "./portal.ts";
import { balanceOf, connectionOf, rosterOf, transactionsOf, untilLive } from "./reading.ts";

/** What a browser notes about a server that is away. */
const AWAY = /ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|ERR_NETWORK|ERR_EMPTY_RESPONSE|WebSocket|status of 503|^503 /;

describe("L2 a server that goes away", () => {
  let portal: Portal;

  beforeAll(async () => {
    portal = await startPortal({ env: { DEMO: "false" } });
  });
  afterAll(async () => {
    await portal?.remove();
  });

  browserTest(
    "stopped, changed, started again: open pages catch up by themselves, nothing missing, nothing twice",
    async ({ open }) => {
      const ada = await givenPerson(open, { baseUrl: portal.url });
      const grace = await givenPerson(open, { baseUrl: portal.url, name: "Grace Hopper" });
      for (const person of [ada, grace]) person.faults.allow(AWAY);
      const slug = await givenOrganization(ada, "Catching Up");
      await givenMember(ada, slug, { person: grace, role: "member" });
      await givenCredits(ada, slug, "100");
      const members = await ada.newTab();
      for (const [page, path] of [
        [ada.page, "wallet"],
        [members, "members"],
        [grace.page, ""],
      ] as const) {
        await page.goto(`/o/${slug}/${path}`);
        await untilLive(page);
        await page.evaluate(() => Object.assign(window, { sameDocument: true }));
      }

      await portal.stop();
      await eventually(() => connectionOf(ada.page)).toBe("reconnecting");
      await ada.page
        .getByText(/last known/)
        .first()
        .waitFor();
      expect(await balanceOf(ada.page)).toBe("100");

      await changeElsewhere(portal.dataDir, async (url) => {
        const away = await givenOtherWindow(open, ada, { baseUrl: url });
        for (const amount of ["1", "2", "3"]) await deduct(away, slug, amount);
        await away.mutate("organizations.rename", { organization: slug, name: "Caught Up" });
        const roster = await away.query<{ userId: string; name: string }[]>("members.list", { organization: slug });
        const userId = roster.find(({ name }) => name === "Grace Hopper")?.userId;
        await away.mutate("members.changeRole", { organization: slug, userId, role: "billing_admin" });
      });
      expect(await balanceOf(ada.page)).toBe("100");

      await portal.restart();
      await untilLive(ada.page);
      await eventually(() => balanceOf(ada.page)).toBe("94");
      await eventually(() => transactionsOf(ada.page)).toEqual([
        ["Away 3", "−3", "94"],
        ["Away 2", "−2", "97"],
        ["Away 1", "−1", "99"],
        ["Opening balance", "+100", "100"],
      ]);
      await eventually(() => rosterOf(members)).toContainEqual(["Grace Hopper", "Billing admin"]);
      await grace.page.getByRole("heading", { name: "Caught Up" }).waitFor();
      await eventually(() => balanceOf(grace.page)).toBe("94");
      await deduct(ada, slug, "4");
      await eventually(() => balanceOf(grace.page)).toBe("90");
      await eventually(async () => (await transactionsOf(ada.page)).length).toBe(5);
      for (const page of [ada.page, members, grace.page]) {
        expect(await page.evaluate(() => Reflect.get(window, "sameDocument"))).toBe(true);
      }
    },
  );

  browserTest(
    "killed without warning, started again: what was answered is there, and the page is live again",
    async ({ open }) => {
      const ada = await givenPerson(open, { baseUrl: portal.url });
      ada.faults.allow(AWAY);
      const slug = await givenOrganization(ada, "Power Cut");
      await givenCredits(ada, slug, "10");
      await ada.page.goto(`/o/${slug}/wallet`);
      await untilLive(ada.page);
      for (const amount of ["1", "2"]) await deduct(ada, slug, amount);
      await portal.kill9();
      await eventually(() => connectionOf(ada.page)).toBe("reconnecting");
      await portal.restart();
      await untilLive(ada.page);
      await eventually(() => balanceOf(ada.page)).toBe("7");
      await deduct(ada, slug, "3");
      await eventually(() => balanceOf(ada.page)).toBe("4");
      await eventually(async () => (await transactionsOf(ada.page)).map(([words]) => words)).toEqual([
        "Away 3",
        "Away 2",
        "Away 1",
        "Opening balance",
      ]);
    },
  );
});

describe("L5 the connection is visible", () => {
  browserTest("a page without a network says offline, and catches up when it is back", async ({ open }) => {
    const ada = await givenPerson(open);
    ada.faults.allow(AWAY);
    const slug = await givenOrganization(ada, "No Network");
    await givenCredits(ada, slug, "10");
    await ada.page.goto(`/o/${slug}/wallet`);
    await untilLive(ada.page);
    const elsewhere = await givenOtherWindow(open, ada);
    await ada.context.setOffline(true);
    await eventually(() => connectionOf(ada.page)).toBe("offline");
    expect(await ada.page.locator("[data-connection]:visible").first().innerText()).toContain("Offline");
    await deduct(elsewhere, slug, "1");
    await ada.context.setOffline(false);
    await untilLive(ada.page);
    await eventually(() => balanceOf(ada.page)).toBe("9");
    await eventually(async () => (await transactionsOf(ada.page)).length).toBe(2);
  });

  browserTest(
    "L2 under a storm of debits every row arrives once and in order, and the balance is exact",
    async ({ open }) => {
      const ada = await givenPerson(open);
      const slug = await givenOrganization(ada, "Storm");
      await givenCredits(ada, slug, "1000");
      const balances: bigint[] = [];
      await ada.page.goto(`/o/${slug}/wallet`);
      await collectSequences(ada, balances);
      await ada.page.reload();
      await untilLive(ada.page);
      const { key } = await ada.mutate<{ key: string }>("apiKeys.create", {
        organization: slug,
        name: "Storm",
        scopes: ["usage:write", "prices:read"],
      });
      await Promise.all(Array.from({ length: 40 }, (_, n) => reportUsage(key, `Agent ${n % 4}`)));
      const { balanceMicro, sequence } = await ada.query<{ balanceMicro: string; sequence: string }>(
        "wallets.summary",
        {
          organization: slug,
        },
      );
      const shown = (Number(BigInt(balanceMicro) / 1_000n) / 1_000).toLocaleString("en-US", {
        maximumFractionDigits: 3,
      });
      await eventually(() => balanceOf(ada.page)).toBe(shown);
      await eventually(() => ada.page.getByTestId("transaction").count()).toBe(41);
      const words = (await transactionsOf(ada.page)).map(([, , balance]) => Number(balance?.replaceAll(",", "")));
      expect(words).toEqual([...words].sort((one, other) => one - other));
      await eventually(() => balances.at(-1)).toBe(BigInt(sequence));
      expect(balances).toEqual([...new Set(balances)].sort((one, other) => (one < other ? -1 : 1)));
    },
  );
});

/** Starts another server on the same data, at another address, while the first one is down. */
async function changeElsewhere(dataDir: string, change: (url: string) => Promise<void>): Promise<void> {
  const other = await startPortal({ dataDir, env: { DEMO: "false" } });
  try {
    await change(other.url);
  } finally {
    await other.stop();
  }
}

async function deduct(person: Person, slug: string, amount: string): Promise<void> {
  const input = { organization: slug, amount, reason: `Away ${amount}`, idempotencyKey: randomUUID() };
  await person.mutate("wallets.deductCredits", input);
}

async function reportUsage(key: string, agent: string): Promise<void> {
  const url = `${inject("portalUrl")}/api/v1`;
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const { items } = (await (await fetch(`${url}/prices`, { headers })).json()) as { items: { model: string }[] };
  const usage = {
    agent,
    model: items[0]?.model,
    inputTokens: 100_000,
    outputTokens: 100_000,
    idempotencyKey: randomUUID(),
  };
  const answer = await fetch(`${url}/usage`, { method: "POST", headers, body: JSON.stringify(usage) });
  expect(answer.status).toBe(201);
}

/** Collects how far the wallet had come by each balance that the browser heard of, in the order in which it heard them. */
async function collectSequences(person: Person, sequences: bigint[]): Promise<void> {
  const devtools = await person.context.newCDPSession(person.page);
  devtools.on("Network.webSocketFrameReceived", ({ response }) => {
    for (const [, sequence] of response.payloadData.matchAll(/"toSequence":"(\d+)"/g))
      sequences.push(BigInt(sequence ?? 0));
  });
  await devtools.send("Network.enable");
}
