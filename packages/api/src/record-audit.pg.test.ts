import { withOrganization, withoutTenant, withUser } from "@guildhall/db";
import { auditEntries } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { asc } from "drizzle-orm";
import { expect } from "vitest";
import { announce } from "./announce.ts";
import type { AuditRecord } from "./audit-entry.ts";
import { recordAudit, recordPersonAudit } from "./record-audit.ts";
import { givenOrganization, givenServices, givenUser, readLog } from "./testing/given.ts";
import type { OrganizationActor, Services } from "./trpc/context.ts";

const origin = { address: "203.0.113.7", userAgent: "Mozilla/5.0 (Test)", requestId: "r-1" };

function renamed(actor: OrganizationActor, from: string, to: string): AuditRecord {
  const subject = { kind: "organization", id: actor.organizationId, label: to };
  return {
    actor: { userId: actor.userId, origin },
    action: "organization.renamed",
    subject,
    before: { name: from, code: "A" },
    after: { name: to, code: "A" },
  };
}

function readEntries(services: Services, { organizationId }: OrganizationActor) {
  return withOrganization(services.db, organizationId, (tx) =>
    tx.db.select().from(auditEntries).orderBy(asc(auditEntries.sequence)),
  );
}

pgTest(
  "an entry says who, what, before, after and from where, and keeps only what changed",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const before = await readEntries(services, owner);
    await withOrganization(db, owner.organizationId, async (tx) =>
      recordAudit(tx, services, renamed(owner, "Acme", "Acorn")),
    );
    const [entry, ...others] = (await readEntries(services, owner)).slice(before.length);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      scope: "organization",
      sequence: BigInt(before.length + 1),
      action: "organization.renamed",
      actorId: owner.userId,
      actorName: "Owner",
      subjectKind: "organization",
      subjectLabel: "Acorn",
      before: { name: "Acme" },
      after: { name: "Acorn" },
      address: "203.0.113.7",
      userAgent: "Mozilla/5.0 (Test)",
      requestId: "r-1",
    });
    expect(await db.sql`SELECT * FROM audit.find_breaks()`).toEqual([]);
  },
);

pgTest("what is rolled back was never recorded", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const before = await readEntries(services, owner);
  const failing = withOrganization(db, owner.organizationId, async (tx) => {
    recordAudit(tx, services, renamed(owner, "Acme", "Acorn"));
    tx.beforeCommit(() => Promise.reject(new Error("no")));
  });
  await expect(failing).rejects.toThrow("no");
  expect(await readEntries(services, owner)).toEqual(before);
});

pgTest(
  "pages learn of an entry by the verb's own event, or by audit.recorded where it announces none",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const event = { type: "organization.renamed", payload: { name: "Acorn" } } as const;
    await withOrganization(db, owner.organizationId, async (tx) => {
      recordAudit(tx, services, renamed(owner, "Acme", "Acorn"));
      announce(tx, services, { event, actorId: owner.userId });
    });
    await withOrganization(db, owner.organizationId, async (tx) =>
      recordAudit(tx, services, renamed(owner, "Acorn", "Acme")),
    );
    const log = (await readLog(db, owner.organizationId)).slice(-2);
    expect(log.map(({ type, audience }) => ({ type, audience }))).toEqual([
      { type: "organization.renamed", audience: null },
      { type: "audit.recorded", audience: ["owner", "admin"] },
    ]);
  },
);

pgTest(
  "entries of parallel transactions form one chain without gaps, whichever of record and announce comes first",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const [here, there] = [givenServices(db), givenServices(openSecondConnection())];
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const owner = await givenOrganization(here);
    const start = (await readEntries(here, owner)).length;
    const event = { type: "organization.renamed", payload: { name: "Acorn" } } as const;
    const writing = Array.from({ length: 20 }, (_, n) => {
      const services = n % 2 ? here : there;
      return withOrganization(services.db, owner.organizationId, async (tx) => {
        if (n % 3) announce(tx, services, { event, actorId: owner.userId });
        recordAudit(tx, services, renamed(owner, "Acme", `Acorn ${n}`));
        recordAudit(tx, services, renamed(owner, `Acorn ${n}`, "Acme"));
        if (!(n % 3)) announce(tx, services, { event, actorId: owner.userId });
      });
    });
    await Promise.all(writing);
    const entries = await readEntries(here, owner);
    expect(entries.map(({ sequence }) => Number(sequence))).toEqual(entries.map((_, n) => n + 1));
    expect(entries).toHaveLength(start + 40);
    expect(await db.sql`SELECT * FROM audit.find_breaks(${owner.organizationId})`).toEqual([]);
  },
);

pgTest("a person's chain is theirs alone to read", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const [ada, bob] = [await givenUser(db, "Ada"), await givenUser(db, "Bob")];
  const action = "password.changed";
  await withoutTenant(db, async (tx) => recordPersonAudit(tx, services, { userId: ada.id, origin, action }));
  await withUser(db, ada.id, async (tx) => recordPersonAudit(tx, services, { userId: ada.id, origin, action }));
  const readAs = (userId: string) =>
    withUser(db, userId, (tx) => tx.db.select().from(auditEntries).orderBy(asc(auditEntries.sequence)));
  expect(await readAs(ada.id)).toMatchObject([
    { scope: "person", sequence: 1n, actorName: "Ada", subjectKind: "person", address: "203.0.113.7" },
    { sequence: 2n },
  ]);
  expect(await readAs(bob.id)).toEqual([]);
  const forged = withUser(db, bob.id, async (tx) => recordPersonAudit(tx, services, { userId: ada.id, action }));
  await expect(forged).rejects.toThrow("another chain");
});

pgTest("an organization's transaction writes into its own chain only", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const [ours, theirs] = [await givenOrganization(services), await givenOrganization(services)];
  const entry = { scope: "organization", scopeId: theirs.organizationId, action: "member.removed" };
  const subject = { subjectKind: "member", subjectId: "1", subjectLabel: "x" };
  const forging = withOrganization(db, ours.organizationId, async (tx) => {
    await tx.sql`SELECT audit.append(${tx.sql.json([{ ...entry, ...subject }])}, now())`;
  });
  await expect(forging).rejects.toThrow("another chain");
});

pgTest("the app's role can neither write, change nor delete entries", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { organizationId } = await givenOrganization(services);
  for (const statement of [
    "INSERT INTO audit.entries SELECT * FROM audit.entries",
    "UPDATE audit.entries SET actor_name = 'x'",
    "DELETE FROM audit.entries",
    "TRUNCATE audit.entries",
    "UPDATE audit.heads SET sequence = 0",
    "DELETE FROM audit.heads",
  ]) {
    const writing = withOrganization(db, organizationId, (tx) => tx.sql.unsafe(statement));
    await expect(writing, statement).rejects.toThrow("permission denied");
  }
});

pgTest("a secret in an entry is a bug that nothing commits", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  for (const name of ["token", "passwordHash", "totpSecret", "acceptUrl", "recoveryCodes"]) {
    const recording = withOrganization(db, owner.organizationId, async (tx) =>
      recordAudit(tx, services, { ...renamed(owner, "a", "b"), after: { [name]: "x" } }),
    );
    await expect(recording, name).rejects.toThrow("for ever");
  }
});
