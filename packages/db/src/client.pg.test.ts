import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { type Database, openDatabase } from "./client.ts";
import { pgTest } from "./testing/index.ts";

pgTest(
  "a connection that breaks under a transaction fails that transaction alone: the process and the pool go on",
  async ({ openSecondConnection, superuserDb }) => {
    const db = openSecondConnection();
    for (let round = 0; round < 5; round += 1) {
      const broken = db.sql.begin(async (sql) => {
        const [own] = await sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
        await superuserDb.sql`SELECT pg_terminate_backend(${own?.pid ?? 0})`;
        // The driver learns of the end while this is written: small writes wait for the next turn of the event loop.
        for (let n = 0; n < 20; n += 1) {
          await sleep(1);
          await sql`SELECT ${n}::int`;
        }
      });
      await expect(broken).rejects.toThrow();
      expect(await soon(() => db.sql`SELECT 1 AS one`)).toMatchObject([{ one: 1 }]);
    }
  },
);

/** A query may still be given to the connection that is just being closed; the next one is not. */
async function soon<T>(query: () => PromiseLike<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await query();
    } catch (error) {
      if (attempt === 5) throw error;
      await sleep(20);
    }
  }
}

pgTest("rows of a statement that failed are not counted to the next one", async ({ database }) => {
  const db = openDatabase({ url: database.appUrl, maxConnections: 1 });
  onTestFinished(() => db.close());
  await expect(db.sql`SELECT 1 / (3 - n) FROM generate_series(1, 5) AS n`).rejects.toMatchObject({ code: "22012" });
  expect([...(await db.sql`SELECT 1 AS one`)]).toEqual([{ one: 1 }]);
});

pgTest.for([
  ["a statement", (db: Database) => db.sql`SELECT ${["a", "b"]}::text[] AS both`],
  ["a transaction", (db: Database) => db.sql.begin((sql) => sql`SELECT ${["a", "b"]}::text[] AS both`)],
] as const)(
  "a connection that is ended while it is opened for %s is opened again: nobody hears of it, and arrays are arrays",
  async ([, ask], { database, superuserDb }) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    let ended = 0;
    const proxy = await createProxy(database.appUrl, (bytes) => {
      // What the driver asks first on a new connection.
      if (ended > 0 || !bytes.includes("typcategory")) return true;
      ended += 1;
      superuserDb.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut-early'`.execute();
      return false;
    });
    const db = openDatabase({ url: proxy.url, maxConnections: 1, applicationName: "cut-early" });
    expect([...(await ask(db))]).toEqual([{ both: ["a", "b"] }]);
    expect({ ended, unhandled }).toEqual({ ended: 1, unhandled: [] });
    await db.close();
    await proxy.close();
  },
);

pgTest(
  "a connection that is reset under a transaction answers again: the transaction's ROLLBACK does not wait in the way",
  async ({ database }) => {
    let resets = 0;
    const proxy = await createProxy(database.appUrl, (bytes, client) => {
      if (resets === 5 || !bytes.includes("under a transaction")) return true;
      resets += 1;
      client.resetAndDestroy();
      return false;
    });
    const db = openDatabase({ url: proxy.url, maxConnections: 1 });
    for (let round = 0; round < 5; round += 1) {
      await expect(db.sql.begin((sql) => sql`SELECT 'under a transaction'`)).rejects.toThrow();
      expect([...(await soon(() => db.sql`SELECT ${round}::int AS round`))]).toEqual([{ round }]);
    }
    expect(resets).toBe(5);
    await db.close();
    await proxy.close();
  },
);

/** A stretch of network to the database; passes on what the client sends where `passes` says so. */
async function createProxy(databaseUrl: string, passes: (bytes: Buffer, client: Socket) => boolean) {
  const url = new URL(databaseUrl);
  const target = { port: Number(url.port), host: url.hostname };
  const listener = createServer((client) => {
    const server = connect(target);
    client.on("data", (bytes) => {
      if (passes(bytes, client)) server.write(bytes);
    });
    server.pipe(client);
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
    client.on("close", () => server.destroy());
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  url.port = String((listener.address() as AddressInfo).port);
  const close = async () => {
    listener.close();
    await once(listener, "close");
  };
  return { url: url.href, close };
}
