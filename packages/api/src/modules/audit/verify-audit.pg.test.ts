import { type Database, withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { recordAudit } from "../../record-audit.ts";
import { givenOrganization, givenServices } from "../../testing/given.ts";
import type { Services } from "../../trpc/context.ts";
import { verifyAudit } from "./verify-audit.ts";
import { verifyAuditCommand } from "./verify-audit-command.ts";

const ENTRIES = 6;

/** An organization with that many entries, each with before and after. */
async function givenChain(services: Services): Promise<string> {
  const { organizationId, userId } = await givenOrganization(services);
  const [start] = await services.db.sql<
    { entries: bigint }[]
  >`SELECT entries FROM audit.read_extent(${organizationId})`;
  await withOrganization(services.db, organizationId, async (tx) => {
    for (let n = Number(start?.entries ?? 0); n < ENTRIES; n += 1) {
      recordAudit(tx, services, {
        actor: { userId, origin: { address: "203.0.113.7", userAgent: "Test", requestId: newId() } },
        action: "organization.renamed",
        subject: { kind: "organization", id: organizationId, label: `Umlaut Ä ${n}` },
        before: { name: `was ${n}`, empty: null },
        after: { name: `is ${n}`, empty: "" },
      });
    }
  });
  return organizationId;
}

/** What somebody with the run of the database might do, and what is found of it. */
const TAMPERINGS: { what: string; finding: string; sequence: bigint; statement: (id: string) => string }[] = [
  ...["actor_name = 'Eve'", "at = at + interval '1 microsecond'", `after = '{"name": "x"}'`, "address = NULL"].map(
    (change) => ({
      what: `a changed row (${change})`,
      ...{ finding: "changed", sequence: 3n },
      statement: (id: string) => `UPDATE audit.entries SET ${change} WHERE scope_id = '${id}' AND sequence = 3`,
    }),
  ),
  {
    what: "a row that was changed together with its hash",
    ...{ finding: "out_of_order", sequence: 4n },
    statement: (id) => `UPDATE audit.entries SET actor_name = 'Eve' WHERE scope_id = '${id}' AND sequence = 3;
      UPDATE audit.entries e SET hash = audit.hash_of(e) WHERE scope_id = '${id}' AND sequence = 3`,
  },
  {
    what: "a missing row",
    ...{ finding: "missing", sequence: 3n },
    statement: (id) => `DELETE FROM audit.entries WHERE scope_id = '${id}' AND sequence = 3`,
  },
  {
    what: "a missing first row",
    ...{ finding: "missing", sequence: 1n },
    statement: (id) => `DELETE FROM audit.entries WHERE scope_id = '${id}' AND sequence = 1`,
  },
  {
    what: "a missing row behind which the others moved up",
    ...{ finding: "out_of_order", sequence: 3n },
    statement: (id) => `DELETE FROM audit.entries WHERE scope_id = '${id}' AND sequence = 3;
      UPDATE audit.entries SET sequence = sequence - 1 WHERE scope_id = '${id}' AND sequence = 4;
      UPDATE audit.entries SET sequence = sequence - 1 WHERE scope_id = '${id}' AND sequence = 5;
      UPDATE audit.entries SET sequence = sequence - 1 WHERE scope_id = '${id}' AND sequence = 6;
      UPDATE audit.heads SET sequence = 5 WHERE scope_id = '${id}'`,
  },
  {
    what: "two rows in the wrong order",
    ...{ finding: "out_of_order", sequence: 3n },
    statement: (id) => `UPDATE audit.entries SET sequence = 99 WHERE scope_id = '${id}' AND sequence = 3;
      UPDATE audit.entries SET sequence = 3 WHERE scope_id = '${id}' AND sequence = 4;
      UPDATE audit.entries SET sequence = 4 WHERE scope_id = '${id}' AND sequence = 99`,
  },
  {
    what: "a tail that was cut off",
    ...{ finding: "truncated", sequence: 5n },
    statement: (id) => `DELETE FROM audit.entries WHERE scope_id = '${id}' AND sequence > 4`,
  },
  {
    what: "a chain of which nothing is left",
    ...{ finding: "truncated", sequence: 1n },
    statement: (id) => `DELETE FROM audit.entries WHERE scope_id = '${id}'`,
  },
  {
    what: "a tail and its head that do not fit",
    ...{ finding: "head_changed", sequence: 4n },
    statement: (id) => `DELETE FROM audit.entries WHERE scope_id = '${id}' AND sequence > 4;
      UPDATE audit.heads SET sequence = 4 WHERE scope_id = '${id}'`,
  },
  {
    what: "a head that was set back",
    ...{ finding: "beyond_head", sequence: 6n },
    statement: (id) => `UPDATE audit.heads h SET sequence = 5, hash = e.hash FROM audit.entries e
      WHERE h.scope_id = '${id}' AND e.scope_id = h.scope_id AND e.sequence = 5`,
  },
  {
    what: "a head that is gone",
    ...{ finding: "headless", sequence: 1n },
    statement: (id) => `DELETE FROM audit.heads WHERE scope_id = '${id}'`,
  },
  {
    what: "a chain that is gone as a whole, with its head",
    ...{ finding: "unrecorded", sequence: 1n },
    statement: (id) => `DELETE FROM audit.entries WHERE scope_id = '${id}';
      DELETE FROM audit.heads WHERE scope_id = '${id}'`,
  },
  {
    what: "a row that was taken from another organization's chain",
    ...{ finding: "changed", sequence: 1n },
    statement: (
      id,
    ) => `UPDATE audit.entries e SET (action, actor_id, actor_name, subject_kind, subject_id, subject_label,
        before, after, address, user_agent, request_id, at, previous_hash, hash) =
        (SELECT o.action, o.actor_id, o.actor_name, o.subject_kind, o.subject_id, o.subject_label,
                o.before, o.after, o.address, o.user_agent, o.request_id, o.at, o.previous_hash, o.hash
           FROM audit.entries o WHERE o.sequence = 1 AND o.scope_id <> e.scope_id LIMIT 1)
      WHERE scope_id = '${id}' AND sequence = 1`,
  },
];

async function run(args: string[], databaseUrl: string) {
  const lines: string[] = [];
  const code = await verifyAuditCommand(args, { databaseUrl, write: (line) => lines.push(line) });
  return { code, text: lines.join("\n") };
}

pgTest("whole chains have no break, one and all; the command says so and ends with 0", async ({ db, database }) => {
  const services = givenServices(db);
  const [chain] = [await givenChain(services), await givenChain(services)];
  await services.stop();
  const { breaks, extent } = await verifyAudit(db);
  expect(breaks).toEqual([]);
  expect(Number(extent.chains)).toBeGreaterThanOrEqual(2);
  const { code, text } = await run(["--chain", chain], database.appUrl);
  expect(code).toBe(0);
  expect(text).toMatch(/^The audit logs are whole: 6 entries in 1 chain\. It ends with --expect 6:[0-9a-f]{64}$/);
});

for (const { what, finding, sequence, statement } of TAMPERINGS) {
  pgTest(`the command finds ${what}, and no other chain is blamed`, async ({ db, superuserDb, database }) => {
    const services = givenServices(db);
    const [chain, other] = [await givenChain(services), await givenChain(services)];
    await services.stop();
    await superuserDb.sql.begin((tx) => tx.unsafe(statement(chain)).simple());
    expect((await verifyAudit(db, chain)).breaks).toEqual([
      { scope: "organization", scopeId: chain, sequence, finding },
    ]);
    expect((await verifyAudit(db, other)).breaks).toEqual([]);
    const { code, text } = await run(["--chain", chain], database.appUrl);
    expect(code).toBe(1);
    expect(text).toContain(`organization ${chain}: `);
    await forget(superuserDb, chain);
  });
}

/** Other tests of this file verify all chains. */
async function forget(superuserDb: Database, chain: string): Promise<void> {
  await superuserDb.sql`DELETE FROM audit.entries WHERE scope_id = ${chain}`;
  await superuserDb.sql`DELETE FROM audit.heads WHERE scope_id = ${chain}`;
  // As if made before there was an audit log: only then it needs no chain.
  await superuserDb.sql`UPDATE organizations SET created_at = to_timestamp(0) WHERE id = ${chain}`;
}

pgTest(
  "a chain that was written anew as a whole is found by a hash that was written down",
  async ({ db, superuserDb, database }) => {
    const services = givenServices(db);
    const chain = await givenChain(services);
    await services.stop();
    const { extent } = await verifyAudit(db, chain);
    const expected = `${extent.entries}:${extent.hash}`;
    expect((await run(["--chain", chain, "--expect", expected], database.appUrl)).code).toBe(0);
    await superuserDb.sql.unsafe(`
    DO $$
    DECLARE v audit.entries; v_hash bytea := decode(repeat('00', 32), 'hex');
    BEGIN
      FOR v IN SELECT * FROM audit.entries WHERE scope_id = '${chain}' ORDER BY sequence LOOP
        v.actor_name := 'Eve'; v.previous_hash := v_hash; v_hash := audit.hash_of(v);
        UPDATE audit.entries SET actor_name = 'Eve', previous_hash = v.previous_hash, hash = v_hash
         WHERE scope_id = v.scope_id AND sequence = v.sequence;
      END LOOP;
      UPDATE audit.heads SET hash = v_hash WHERE scope_id = '${chain}';
    END $$`);
    expect((await verifyAudit(db, chain)).breaks).toEqual([]);
    const { code, text } = await run(["--chain", chain, "--expect", expected], database.appUrl);
    expect(code).toBe(1);
    expect(text).toContain("written anew");
  },
);

pgTest("a command that makes no sense ends with 2 and says how to use it", async ({ database }) => {
  for (const args of [["--chain", "acme"], ["--expect", "1:00"], ["--unknown"]]) {
    const { code, text } = await run(args, database.appUrl);
    expect(code, args.join(" ")).toBe(2);
    expect(text).toContain("--chain");
  }
});
