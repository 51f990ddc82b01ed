import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { addCredits, createApiKey, createOrganization, createServices } from "@guildhall/api/server";
import { allApiKeyScopes } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { expect, onTestFinished } from "vitest";
import { createRestApi } from "./rest.ts";

const COMMAND = resolve(import.meta.dirname, "../../../replay/src/main.ts");
const silent = { info() {}, warn() {}, error() {} };

interface Run {
  code: number | null;
  output: string;
  /** Of --json. */
  report: Record<string, unknown>;
}

/** A portal that really listens, an organization with credits, and a trace of so many rows of 1,000 and 100 tokens. */
async function given(db: Database, { credits, rows }: { credits: bigint; rows: number }) {
  const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost", log: silent });
  const [id, email] = [newId(), `${newId()}@example.com`];
  await db.sql`INSERT INTO users (id, email, name, password_hash, created_at) VALUES (${id}, ${email}, 'Ada', '!', now())`;
  const owner = { id, email, name: "Ada", isPlatformAdmin: false };
  const made = await createOrganization(services, owner, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
  const actor = { ...owner, ...made, userId: id, role: "owner", status: "active" } as const;
  if (credits > 0n) await addCredits(services, actor, { amountMicro: credits, idempotencyKey: newId() });
  const model = `model-${newId()}`;
  const micro = { inputMicroPerMillion: 1_000_000n, outputMicroPerMillion: 10_000_000n };
  await db.drizzle.insert(modelPrices).values({ model, effectiveFrom: new Date(0), ...micro });
  const { key } = await createApiKey(services, actor, { name: "Replay", scopes: allApiKeyScopes });
  let usesSeen = 0;
  const fifthUse = Promise.withResolvers<void>();
  const app = new Hono()
    .use("/api/v1/usage", async (_, next) => {
      usesSeen += 1;
      if (usesSeen === 5) fifthUse.resolve();
      await next();
    })
    .route("/api/v1", createRestApi(services));
  const server = await new Promise<ReturnType<typeof serve>>((resolveServer) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolveServer(started));
  });
  const dir = await mkdtemp(join(tmpdir(), "guildhall-replay-"));
  const file = join(dir, "trace.csv");
  const lines = Array.from(
    { length: rows },
    (_, n) => `2023-11-16 18:00:${String(n % 60).padStart(2, "0")}.5000000,1000,100`,
  );
  await writeFile(file, `TIMESTAMP,ContextTokens,GeneratedTokens\n${lines.join("\n")}\n`);
  onTestFinished(async () => {
    server.close();
    await services.stop();
    await rm(dir, { recursive: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = [
    file,
    "--url",
    url,
    "--key",
    key,
    "--organization",
    made.slug,
    "--model",
    model,
    "--member",
    email,
    "--json",
  ];
  const spend = () => addCredits(services, actor, { amountMicro: 5n, idempotencyKey: newId() });
  return { args, spend, fifthUse: fifthUse.promise, start: (...more: string[]) => start([...args, ...more]) };
}

function start(args: string[]): { child: ChildProcess; ended: Promise<Run> } {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, output] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const ended = new Promise<Run>((resolveRun) => {
    child.on("close", (code) => resolveRun({ code, output, report: stdout.startsWith("{") ? JSON.parse(stdout) : {} }));
  });
  return { child, ended };
}

pgTest(
  "a replay bills every row once, and the wallet falls by exactly the sum; a second run of it charges nothing",
  async ({ db }) => {
    const { start } = await given(db, { credits: 10_000_000n, rows: 300 });
    const first = await start().ended;
    expect(first.report, first.output).toMatchObject({
      sent: 300,
      accepted: 300,
      replayed: 0,
      refused: 0,
      walletBeforeMicro: "10000000",
      walletAfterMicro: "9400000",
      acceptedMicro: "600000",
      isExact: true,
    });
    expect(first.code).toBe(0);
    const second = await start("--run", String(first.report.runId)).ended;
    expect(second.report, second.output).toMatchObject({ accepted: 0, replayed: 300, fellByMicro: "0", isExact: true });
  },
);

pgTest("many rows in one request are billed the same, and taken up again without a second charge", async ({ db }) => {
  const { start } = await given(db, { credits: 500_000n, rows: 300 });
  const first = await start("--bulk", "40").ended;
  const facts = {
    sent: 300,
    accepted: 250,
    refused: 50,
    acceptedMicro: "500000",
    walletAfterMicro: "0",
    isExact: true,
  };
  expect(first.report, first.output).toMatchObject(facts);
  const second = await start("--bulk", "300", "--run", String(first.report.runId)).ended;
  expect(second.report, second.output).toMatchObject({ accepted: 0, replayed: 250, refused: 50, isExact: true });
});

pgTest("a wallet that runs dry refuses the rest, and the sum still agrees while others top it up", async ({ db }) => {
  const { start, spend } = await given(db, { credits: 100_001n, rows: 200 });
  const { ended } = start("--concurrency", "8");
  const adding = Promise.all(Array.from({ length: 20 }, spend));
  const { report, output, code } = await ended;
  await adding;
  expect(report, output).toMatchObject({
    sent: 200,
    accepted: 50,
    refused: 150,
    reasons: { insufficient_balance: 150 },
  });
  expect([report.isExact, code], output).toEqual([true, 0]);
});

pgTest("Ctrl-C ends a paced run with the report so far, and it can be taken up again", async ({ db }) => {
  const { start, fifthUse } = await given(db, { credits: 10_000_000n, rows: 60 });
  const { child, ended } = start("--speed", "20");
  await fifthUse;
  child.kill("SIGINT");
  const { code, report, output } = await ended;
  expect(code, output).toBe(130);
  expect(report).toMatchObject({ wasInterrupted: true, isExact: true, refused: 0 });
  const sent = Number(report.sent);
  expect(sent).toBeGreaterThanOrEqual(5);
  expect(sent).toBeLessThan(60);
  const rest = await start("--run", String(report.runId)).ended;
  expect(rest.report, rest.output).toMatchObject({ replayed: sent, accepted: 60 - sent, isExact: true });
});

pgTest("a mistake is found before anything is sent, and named", async ({ db }) => {
  const { args, start: startWith } = await given(db, { credits: 1_000_000n, rows: 3 });
  const bad = await startWith("--key", `gh_${"0".repeat(32)}_${"A".repeat(43)}`).ended;
  expect([bad.code, bad.output]).toEqual([2, expect.stringContaining("API key is missing, unknown or revoked")]);
  const other = await startWith("--organization", "somebody-else").ended;
  expect([other.code, other.output]).toEqual([2, expect.stringContaining("The key belongs to")]);
  const file = await start([resolve(import.meta.dirname, "../../package.json"), ...args.slice(1)]).ended;
  expect([file.code, file.output]).toEqual([2, expect.stringContaining("package.json")]);
  const nobody = await startWith("--url", "http://127.0.0.1:9").ended;
  expect([nobody.code, nobody.output]).toEqual([2, expect.stringContaining("does not answer")]);
});
