import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServices, verifyWallets } from "@guildhall/api/server";
import { pgTest } from "@guildhall/db/testing";
import { systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import { loadDemo } from "./load-demo.ts";

const silent = { info() {}, warn() {}, error() {} };

pgTest(
  "the demo loads once, completes itself after a kill, and its books are right",
  async ({ db, superuserDb, onTestFinished }) => {
    const directory = await mkdtemp(join(tmpdir(), "guildhall-demo-"));
    const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost:3000", log: silent });
    onTestFinished(async () => {
      await services.stop();
      await rm(directory, { recursive: true });
    });
    const keyFile = join(directory, "demo-keys.json");
    const count = async () => {
      const [row] = await superuserDb.sql<{ counts: string }[]>`
      SELECT concat_ws('/', (SELECT count(*) FROM users), (SELECT count(*) FROM organizations), (SELECT count(*) FROM members),
        (SELECT count(*) FROM teams), (SELECT count(*) FROM ledger.postings), (SELECT count(*) FROM api_keys)) AS counts`;
      return row?.counts;
    };

    const logins = await loadDemo(services, keyFile);
    expect(logins?.people).toHaveLength(6);
    const loaded = await count();
    expect(loaded).toMatch(/^6\/3\/12\/4\/\d{3}\/3$/);
    await loadDemo(services, keyFile);
    expect(await count()).toBe(loaded);

    // A start that was killed before its last step.
    await superuserDb.sql`UPDATE users SET is_platform_admin = false`;
    await superuserDb.sql`DELETE FROM team_members`;
    await loadDemo(services, keyFile);
    expect(await count()).toBe(loaded);
    expect(await verifyWallets(superuserDb)).toEqual([]);
    expect(Object.keys(JSON.parse(await readFile(keyFile, "utf8")))).toHaveLength(3);
  },
);

pgTest("a database with people of its own gets no demo", async ({ db, onTestFinished }) => {
  const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost:3000", log: silent });
  onTestFinished(() => services.stop());
  await db.sql`DELETE FROM team_members`.catch(() => {});
  const [someone] = await db.sql<{ id: string }[]>`SELECT id FROM users WHERE email = 'margaret@northwind.example'`;
  if (someone) await db.sql`UPDATE users SET email = 'someone@example.com' WHERE id = ${someone.id}`;
  else
    await db.sql`INSERT INTO users VALUES (gen_random_uuid(), 'someone@example.com', 'Someone', 'x', null, false, now())`;
  expect(await loadDemo(services, "/nowhere/keys.json")).toBeUndefined();
});
