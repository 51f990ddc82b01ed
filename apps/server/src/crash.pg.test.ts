import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyWallets } from "@guildhall/api/server";
import { openDatabase } from "@guildhall/db";
import { findRunningPostgres } from "@guildhall/db/embedded";
import { newId } from "@guildhall/shared";
import { afterAll, beforeAll, expect, test } from "vitest";

const KILLS = 20;
const SENDERS = 24;

let dataDir: string;
let child: ChildProcess;
let url: string;

async function start(): Promise<void> {
  child = fork(join(import.meta.dirname, "testing/serve-plainly.ts"), {
    execArgv: [],
    env: { ...process.env, PORT: "0", DATA_DIR: dataDir, NODE_ENV: "test", DEMO: "true" },
  });
  const [message] = (await once(child, "message")) as [{ url: string }];
  url = message.url;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "guildhall-crash-"));
  // Postgres runs as another user than root and has to reach what is in here.
  await chmod(dataDir, 0o711);
  await start();
}, 300_000);

afterAll(async () => {
  const gone = once(child, "exit");
  child.disconnect();
  await gone;
  await rm(dataDir, { recursive: true, force: true });
});

type Sent = Map<string, "acknowledged" | "unknown" | "refused">;

/** Debits as fast as it is answered, until the server is gone. Notes what the answer to each key was. */
async function spend(key: string, sent: Sent, stop: { isKilled: boolean }): Promise<void> {
  while (!stop.isKilled) {
    const idempotencyKey = newId();
    sent.set(idempotencyKey, "unknown");
    const status = await report(key, idempotencyKey);
    if (status === 201) sent.set(idempotencyKey, "acknowledged");
    else if (status !== undefined && status !== 429 && status < 500) sent.set(idempotencyKey, "refused");
  }
}

function countAcknowledged(sent: Sent): number {
  let count = 0;
  for (const state of sent.values()) if (state === "acknowledged") count += 1;
  return count;
}

/** The status of the answer; undefined when none came. */
async function report(key: string, idempotencyKey: string): Promise<number | undefined> {
  const body = JSON.stringify({
    agent: "crash",
    model: "atlas-mini",
    inputTokens: 100,
    outputTokens: 10,
    idempotencyKey,
  });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  try {
    const answer = await fetch(`${url}/api/v1/usage`, { method: "POST", headers, body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}

interface Page {
  items: { id: string; attributes: Record<string, string | number> }[];
  nextBefore: string | null;
}

/** The posting ids of every debit in the wallet's history, oldest last. */
async function readPostingIds(key: string): Promise<string[]> {
  const ids: string[] = [];
  let before: string | null = "";
  while (before !== null) {
    const query = before === "" ? "limit=1000" : `limit=1000&before=${before}`;
    const answer = await fetch(`${url}/api/v1/wallet/transactions?${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const page = (await answer.json()) as Page;
    ids.push(...page.items.map((item) => item.id));
    before = page.nextBefore;
  }
  return ids;
}

/** What npm run verify-ledger finds beside the running server. */
async function proveWallets() {
  const running = await findRunningPostgres(join(dataDir, "postgres"));
  const db = openDatabase({ url: running?.appUrl ?? "", maxConnections: 1, applicationName: "test-verify" });
  return verifyWallets(db).finally(() => db.close());
}

test(`kill -9 in the middle of batches, ${KILLS} times: every acknowledged debit stands once, every other at most once`, async () => {
  const keys = JSON.parse(await readFile(join(dataDir, "demo-keys.json"), "utf8")) as Record<string, { key: string }>;
  const key = keys["northwind-research"]?.key ?? "";
  const sent: Sent = new Map();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const stop = { isKilled: false };
    const senders = Array.from({ length: SENDERS }, () => spend(key, sent, stop));
    // Not before some were acknowledged, however slow the machine is; then at any moment.
    const enough = countAcknowledged(sent) + SENDERS;
    while (countAcknowledged(sent) < enough) await sleep(2);
    await sleep(Math.random() * 40);
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    stop.isKilled = true;
    await Promise.all([gone, ...senders]);
    await start();
  }

  const stands = new Map<string, number>();
  for (const id of await readPostingIds(key)) stands.set(id, (stands.get(id) ?? 0) + 1);
  const ofState = (state: string) =>
    [...sent].filter(([, each]) => each === state).map(([idempotencyKey]) => idempotencyKey);
  const acknowledged = ofState("acknowledged");
  const unknown = ofState("unknown");
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  expect(unknown.length).toBeGreaterThan(0);
  expect(ofState("refused")).toEqual([]);
  expect(acknowledged.filter((id) => stands.get(id) !== 1)).toEqual([]);
  expect(unknown.filter((id) => (stands.get(id) ?? 0) > 1)).toEqual([]);

  // The retry tells the truth: 200 for what was posted before the kill, 201 for what was not.
  for (const id of unknown) expect(await report(key, id)).toBe(stands.has(id) ? 200 : 201);
  const after = await readPostingIds(key);
  expect(after).toHaveLength(new Set(after).size);
  expect(await proveWallets()).toEqual([]);
}, 600_000);
