import { newId } from "@guildhall/shared";
import { eq, inArray, sql } from "drizzle-orm";
import { describe, expect } from "vitest";
import type { Database } from "./client.ts";
import * as schema from "./schema/index.ts";
import { withOrganization, withoutTenant, withUser } from "./tenancy.ts";
import { pgTest } from "./testing/index.ts";

const NOW = new Date("2026-01-02T03:04:05.678Z");

/** An organization with one member, arranged through the front door. */
async function givenOrganization(db: Database) {
  const [enterpriseId, organizationId, userId] = [newId(), newId(), newId()];
  await withoutTenant(db, async (tx) => {
    await tx.db
      .insert(schema.enterprises)
      .values({ id: enterpriseId, name: "Acme", slug: enterpriseId, createdAt: NOW });
    const person = { id: userId, email: `${userId}@example.com`, name: "Ada", passwordHash: "x", createdAt: NOW };
    await tx.db.insert(schema.users).values(person);
  });
  await withOrganization(db, organizationId, async (tx) => {
    const organization = { id: organizationId, enterpriseId, name: "Acme", slug: organizationId, createdAt: NOW };
    await tx.db.insert(schema.organizationSlugs).values({ organizationId, slug: organizationId, takenAt: NOW });
    await tx.db.insert(schema.organizations).values(organization);
    await tx.db.insert(schema.members).values({ organizationId, userId, role: "owner", createdAt: NOW });
  });
  return { organizationId, userId };
}

describe("the wall between organizations", () => {
  pgTest("S3.3 without a setting no tenant's row is visible", async ({ db }) => {
    await givenOrganization(db);
    expect(await db.sql`SELECT * FROM members`).toHaveLength(0);
    expect(await db.drizzle.select().from(schema.organizations)).toHaveLength(0);
    expect(await withoutTenant(db, (tx) => tx.db.select().from(schema.members))).toHaveLength(0);
  });

  pgTest("S3.3 one organization sees its own rows and nobody else's", async ({ db }) => {
    const [mine, theirs] = [await givenOrganization(db), await givenOrganization(db)];
    const seen = await withOrganization(db, mine.organizationId, (tx) => tx.db.select().from(schema.members));
    expect(seen.map((row) => row.organizationId)).toEqual([mine.organizationId]);
    const moved = withOrganization(db, mine.organizationId, (tx) =>
      tx.db
        .insert(schema.members)
        .values({ ...theirs, organizationId: theirs.organizationId, role: "owner", createdAt: NOW }),
    );
    await expect(moved).rejects.toMatchObject({ cause: { code: "42501" } });
  });

  pgTest("S3.3 the owner of the tables is bound by the wall, too", async ({ db, ownerDb }) => {
    await givenOrganization(db);
    expect(await ownerDb.sql`SELECT * FROM members`).toHaveLength(0);
  });

  pgTest("the setting ends with its transaction, also after a failure", async ({ openSecondConnection }) => {
    const db = openSecondConnection();
    const one = await givenOrganization(db);
    await Promise.all(
      Array.from({ length: 8 }, () => withOrganization(db, one.organizationId, async (tx) => tx.sql`SELECT 1`)),
    );
    const failed = withOrganization(db, one.organizationId, async () => {
      throw new Error("refused");
    });
    await expect(failed).rejects.toThrow("refused");
    const settings = await Promise.all(
      Array.from({ length: 8 }, () => db.sql`SELECT current_setting('app.organization_id', true) AS id`),
    );
    expect(settings.flat().filter((row) => row.id)).toEqual([]);
    expect(await db.sql`SELECT * FROM members`).toHaveLength(0);
  });

  pgTest("a person sees their memberships across organizations, and changes none of them", async ({ db }) => {
    const { organizationId, userId } = await givenOrganization(db);
    await givenOrganization(db);
    const mine = await withUser(db, userId, (tx) => tx.db.select().from(schema.members));
    expect(mine.map((row) => row.organizationId)).toEqual([organizationId]);
    const changed = await withUser(db, userId, (tx) => tx.sql`UPDATE members SET role = 'owner' RETURNING 1`);
    expect(changed).toHaveLength(0);
  });

  pgTest("an id that is no UUID is refused before it reaches the database", async ({ db }) => {
    await expect(withOrganization(db, "acme", async () => 1)).rejects.toThrow('"acme" cannot be app.organization_id');
  });
});

describe("a transaction", () => {
  pgTest("rolls back everything when the work throws", async ({ db }) => {
    const { organizationId } = await givenOrganization(db);
    const failed = withOrganization(db, organizationId, async (tx) => {
      await tx.sql`UPDATE organizations SET name = 'changed'`;
      throw new Error("refused");
    });
    await expect(failed).rejects.toThrow("refused");
    const [row] = await withOrganization(db, organizationId, (tx) => tx.db.select().from(schema.organizations));
    expect(row?.name).toBe("Acme");
  });

  pgTest(
    "runs hooks in order, the last ones after COMMIT, where others see the change",
    async ({ db, openSecondConnection }) => {
      const { organizationId } = await givenOrganization(db);
      const other = openSecondConnection();
      const order: string[] = [];
      const nameSeenByOther = () =>
        withOrganization(other, organizationId, async (tx) => (await tx.sql`SELECT name FROM organizations`)[0]?.name);
      let seenAfterCommit: Promise<unknown> | undefined;
      await withOrganization(db, organizationId, async (tx) => {
        tx.afterCommit(() => {
          order.push("after");
          seenAfterCommit = nameSeenByOther();
        });
        tx.beforeCommit(async () => {
          order.push("first");
          tx.beforeCommit(async () => void order.push("added by a hook"));
          order.push(`seen: ${await nameSeenByOther()}`);
        });
        tx.beforeCommit(async () => void order.push("second"));
        await tx.sql`UPDATE organizations SET name = 'changed'`;
        order.push("work");
      });
      expect(order).toEqual(["work", "first", "seen: Acme", "second", "added by a hook", "after"]);
      expect(await seenAfterCommit).toBe("changed");
    },
  );

  pgTest("runs no after-commit hook when it fails, be it in a before-commit hook", async ({ db }) => {
    const { organizationId } = await givenOrganization(db);
    let ran = false;
    const failed = withOrganization(db, organizationId, async (tx) => {
      tx.afterCommit(() => {
        ran = true;
      });
      tx.beforeCommit(async () => {
        await tx.sql`SELECT 1 / 0`;
      });
    });
    await expect(failed).rejects.toMatchObject({ code: "22012" });
    expect(ran).toBe(false);
  });

  pgTest("a throwing after-commit hook is reported and fails nothing", async ({ db }) => {
    const { organizationId } = await givenOrganization(db);
    const reported: unknown[] = [];
    const watched = { ...db, onHookError: (error: unknown) => reported.push(error) };
    const order: string[] = [];
    const result = await withOrganization(watched, organizationId, async (tx) => {
      tx.afterCommit(() => {
        throw new Error("hook");
      });
      tx.afterCommit(() => order.push("next"));
      return "done";
    });
    expect({ result, order, reported }).toEqual({ result: "done", order: ["next"], reported: [new Error("hook")] });
  });

  pgTest("deadlocked transactions are run again and both succeed", async ({ db }) => {
    const { organizationId } = await givenOrganization(db);
    let runs = 0;
    const hooks: string[] = [];
    const gate = Promise.withResolvers<void>();
    const lockBoth = (first: number, second: number) =>
      withOrganization(db, organizationId, async (tx) => {
        tx.afterCommit(() => hooks.push(`${first}${second}`));
        await tx.sql`SELECT pg_advisory_xact_lock(${first})`;
        runs += 1;
        if (runs === 2) gate.resolve();
        await gate.promise;
        await tx.sql`SELECT pg_advisory_xact_lock(${second})`;
      });
    await Promise.all([lockBoth(1, 2), lockBoth(2, 1)]);
    expect(runs).toBeGreaterThan(2);
    expect(hooks.sort()).toEqual(["12", "21"]);
  });

  pgTest("a transaction that only deadlocks gives up after four runs", async ({ db }) => {
    const { organizationId } = await givenOrganization(db);
    let runs = 0;
    const failing = withOrganization(db, organizationId, async (tx) => {
      runs += 1;
      await tx.sql`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = 'serialization_failure'; END $$`;
    });
    await expect(failing).rejects.toMatchObject({ code: "40001" });
    expect(runs).toBe(4);
  });
});

describe("values", () => {
  pgTest("come back alike from the query builder and from SQL by hand", async ({ db }) => {
    const { organizationId } = await givenOrganization(db);
    await withOrganization(db, organizationId, async (tx) => {
      const [built] = await tx.db
        .select()
        .from(schema.organizations)
        .where(eq(schema.organizations.id, organizationId));
      const [raw] = await tx.sql<{ at: Date }[]>`SELECT created_at AS at FROM organizations WHERE created_at = ${NOW}`;
      expect([built?.createdAt, raw?.at]).toEqual([NOW, NOW]);
    });
    const [row] = await db.sql`
      SELECT 9007199254740993::bigint AS big, ARRAY[1::bigint] AS list, '2026-01-02'::date AS day,
             ${db.sql.json({ a: [1] })}::jsonb AS sent, '{"b": "x"}'::jsonb AS json, ${9007199254740993n}::bigint AS back`;
    expect(row).toEqual({
      big: 9007199254740993n,
      list: [1n],
      day: "2026-01-02",
      sent: { a: [1] },
      json: { b: "x" },
      back: 9007199254740993n,
    });
    const [built] = await db.drizzle.select({ n: sql<bigint>`9007199254740993::bigint` }).from(sql`(VALUES (1)) AS v`);
    expect(built?.n).toBe(9007199254740993n);
  });

  pgTest("nested drizzle transactions are savepoints", async ({ db }) => {
    const { organizationId } = await givenOrganization(db);
    await withOrganization(db, organizationId, async (tx) => {
      await tx.db
        .transaction(async (inner) => {
          await inner.update(schema.organizations).set({ name: "inner" });
          throw new Error("undone");
        })
        .catch(() => {});
      const [row] = await tx.db.select().from(schema.organizations);
      expect(row?.name).toBe("Acme");
    });
  });

  pgTest("queries of the builder are prepared once per connection, lists of any length are not", async ({ db }) => {
    const { organizationId } = await givenOrganization(db);
    await withOrganization(db, organizationId, async (tx) => {
      const ids = Array.from({ length: 50 }, () => organizationId);
      await tx.db
        .select({ name: schema.organizations.name })
        .from(schema.organizations)
        .where(eq(schema.organizations.id, organizationId));
      await tx.db
        .select({ slug: schema.organizations.slug })
        .from(schema.organizations)
        .where(inArray(schema.organizations.id, ids));
      const prepared = await tx.sql`SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'select "%'`;
      const texts = prepared.map((row) => row.statement as string).filter((text) => !text.includes("pg_prepared"));
      expect(texts.filter((text) => text.startsWith('select "name"'))).toHaveLength(1);
      expect(texts.filter((text) => text.startsWith('select "slug"'))).toHaveLength(0);
    });
  });
});
