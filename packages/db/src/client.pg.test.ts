import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
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
