import { withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { describe, expect } from "vitest";
import { appendEvents, readEvents, readHead, readHeads } from "./event-log.ts";
import { balance, NOW, renamed, write } from "./testing/log-writer.ts";

describe("the log of an organization", () => {
  pgTest("numbers events from 1 without a gap, in the order in which they were handed over", async ({ db }) => {
    const organizationId = newId();
    expect(await withOrganization(db, organizationId, readHead)).toBe(0n);
    expect(await write(db, organizationId, renamed("a"), renamed("b"))).toEqual([{ organizationId, sequence: 2n }]);
    await write(db, organizationId, { ...renamed("c"), audience: ["owner", "admin"], actorId: organizationId });
    const page = await withOrganization(db, organizationId, (tx) => readEvents(tx, { after: 0n, limit: 10 }));
    expect(page.map(({ sequence, event }) => [sequence, event.payload])).toEqual([
      [1n, { name: "a" }],
      [2n, { name: "b" }],
      [3n, { name: "c" }],
    ]);
    expect(page.at(-1)).toMatchObject({ audience: ["owner", "admin"], actorId: organizationId, at: NOW });
    expect(page[0]).toMatchObject({ audience: null, actorId: null });
  });

  pgTest("a rolled back transaction leaves no gap", async ({ db }) => {
    const organizationId = newId();
    await write(db, organizationId, renamed("kept"));
    const failed = withOrganization(db, organizationId, async (tx) => {
      await appendEvents(tx.sql, [{ organizationId, audience: null, actorId: null, ...renamed("lost") }], NOW);
      throw new Error("refused");
    });
    await expect(failed).rejects.toThrow("refused");
    expect(await write(db, organizationId, renamed("next"))).toEqual([{ organizationId, sequence: 2n }]);
  });

  pgTest(
    "a transaction that takes its sequence first and commits last is waited for, never skipped",
    async ({ db, openSecondConnection }) => {
      const organizationId = newId();
      const slow = Promise.withResolvers<void>();
      const taken = Promise.withResolvers<void>();
      const first = withOrganization(db, organizationId, async (tx) => {
        await appendEvents(tx.sql, [{ organizationId, audience: null, actorId: null, ...renamed("first") }], NOW);
        taken.resolve();
        await slow.promise;
      });
      await taken.promise;
      let isSecondDone = false;
      const other = openSecondConnection();
      const second = write(other, organizationId, renamed("second")).finally(() => {
        isSecondDone = true;
      });
      await waitingForLock(db);
      expect(isSecondDone).toBe(false);
      expect(await withOrganization(db, organizationId, (tx) => readEvents(tx, { after: 0n, limit: 9 }))).toEqual([]);
      slow.resolve();
      await Promise.all([first, second]);
      const page = await withOrganization(db, organizationId, (tx) => readEvents(tx, { after: 0n, limit: 9 }));
      expect(page.map(({ event }) => event.payload)).toEqual([{ name: "first" }, { name: "second" }]);
    },
  );

  pgTest(
    "S3.3 another organization can neither be written to nor read inside one's own transaction",
    async ({ db }) => {
      const [mine, theirs] = [newId(), newId()];
      await write(db, theirs, renamed("theirs"));
      const foreign = withOrganization(db, mine, (tx) =>
        appendEvents(tx.sql, [{ organizationId: theirs, audience: null, actorId: null, ...renamed("x") }], NOW),
      );
      await expect(foreign).rejects.toMatchObject({ code: "42501" });
      expect(await withOrganization(db, mine, (tx) => readEvents(tx, { after: 0n, limit: 9 }))).toEqual([]);
      const seen = await withOrganization(db, mine, (tx) => tx.sql`SELECT * FROM live.events`);
      expect(seen).toHaveLength(0);
    },
  );

  pgTest("an event that does not match its schema is refused before it is written for ever", async ({ db }) => {
    const organizationId = newId();
    const wrong = { type: "organization.renamed", payload: { nome: "x" } } as never;
    await expect(write(db, organizationId, wrong)).rejects.toThrow();
    expect(await readHeads(db, [organizationId])).toEqual([]);
  });

  pgTest("a batch over many organizations returns every head; the heads can be read across them", async ({ db }) => {
    const [one, two] = [newId(), newId()];
    const entry = (organizationId: string, n: number) => ({
      organizationId,
      actorId: null,
      ...balance(n),
      audience: null,
    });
    const heads = await db.sql.begin((sql) =>
      appendEvents(sql as never, [entry(one, 1), entry(two, 1), entry(one, 2)], NOW),
    );
    const sorted = [
      { organizationId: one, sequence: 2n },
      { organizationId: two, sequence: 1n },
    ];
    expect([...heads].sort(byId)).toEqual([...sorted].sort(byId));
    expect([...(await readHeads(db, [one, two, newId()]))].sort(byId)).toEqual([...sorted].sort(byId));
    expect(await readHeads(db, [])).toEqual([]);
  });
});

const byId = (a: { organizationId: string }, b: { organizationId: string }) =>
  a.organizationId < b.organizationId ? -1 : 1;

/** Waits until some backend of this database waits for a lock. */
async function waitingForLock(db: Parameters<typeof readHeads>[0]): Promise<void> {
  for (;;) {
    const [row] = await db.sql<{ waiting: bigint }[]>`
      SELECT count(*) AS waiting FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE NOT l.granted AND a.datname = current_database()`;
    if (row && row.waiting > 0n) return;
  }
}
