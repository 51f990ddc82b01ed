import { type Database, withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { callingAs } from "../../testing/calling.ts";
import { givenMember, givenOrganization, givenServices, givenUser } from "../../testing/given.ts";
import type { Services, User } from "../../trpc/context.ts";
import { changeSlug } from "./change-slug.ts";
import { listPlatformAdmins, setPlatformAdmin } from "./set-platform-admin.ts";

function givenRunning(db: Database): Services {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  return services;
}

async function givenAdmin(services: Services): Promise<User> {
  const user = await givenUser(services.db, "Margaret");
  await setPlatformAdmin(services, { email: user.email, isPlatformAdmin: true, allowUnverified: true });
  return { ...user, isPlatformAdmin: true };
}

pgTest("S0.2 S0.3 platform admins see every organization, found by a part of its name or slug", async ({ db }) => {
  const services = givenRunning(db);
  const support = await givenAdmin(services);
  const admin = callingAs(services, support).admin;
  const word = newId().slice(-12);
  const made = [];
  for (const name of ["Beta", "alpha", "Gamma"]) made.push(await givenOrganization(services, `${name} ${word}`));
  const { organizationId = "" } = made[0] ?? {};
  const describe = (tx: { sql: Database["sql"] }) =>
    tx.sql`UPDATE organizations SET description = 'Internal: 50 % off' WHERE id = ${organizationId}`;
  await withOrganization(db, organizationId, (tx) => describe(tx as never));

  const found = await admin.organizations({ search: word.toUpperCase() });
  expect(found).toMatchObject({ totalCount: 3, activeCount: 3, nextCursor: null });
  expect(found.items.map(({ name }) => name)).toEqual([`alpha ${word}`, `Beta ${word}`, `Gamma ${word}`]);
  expect(found.items[1]).toEqual({
    organizationId,
    name: `Beta ${word}`,
    slug: made[0]?.slug,
    description: "Internal: 50 % off",
    status: "active",
    teamCount: 0,
    createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect((await admin.organizations({ search: made[2]?.slug })).items).toHaveLength(1);
  await changeSlug(services, { userId: support.id }, { organizationId, slug: `now-${word}`, reason: "Moved" });
  for (const search of [made[0]?.slug, `now-${word}`]) {
    expect(await admin.organizations({ search })).toMatchObject({ items: [{ organizationId }], totalCount: 1 });
  }
  for (const search of [`${word}%`, "_", `\\${word}`])
    expect((await admin.organizations({ search })).items).toEqual([]);
});

pgTest("S0.3 pages of either order hold every organization once", async ({ db }) => {
  const services = givenRunning(db);
  const admin = callingAs(services, await givenAdmin(services)).admin;
  const search = newId().slice(-12);
  // Same names and the same instant: only the id tells them apart.
  const now = new Date("2026-01-01T00:00:00.000Z");
  const frozen = { ...services, clock: { now: () => now } };
  for (const name of ["Same", "Same", "Same", "Other", "ümlaut", "Zeta"])
    await givenOrganization(frozen, `${name} ${search}`);
  for (const sort of ["name", "created"] as const) {
    const whole = (await admin.organizations({ search, sort })).items.map(({ organizationId }) => organizationId);
    const walked: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await admin.organizations({ search, sort, limit: 2, ...(cursor ? { cursor } : {}) });
      walked.push(...page.items.map(({ organizationId }) => organizationId));
      cursor = page.nextCursor;
    }
    expect(whole).toHaveLength(6);
    expect(walked).toEqual(whole);
  }
});

pgTest("C4 a platform admin sees counts and money of an organization, and nothing else", async ({ db }) => {
  const services = givenRunning(db);
  const admin = await givenAdmin(services);
  const owner = await givenOrganization(services);
  const { organizationId, slug } = owner;
  await givenMember(services, owner, "member");
  const own = callingAs(services, { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false });
  await own.apiKeys.create({ organization: slug, name: "Key", scopes: ["usage:write"] });
  await own.wallets.addCredits({
    organization: slug,
    amount: "12.5",
    description: "Secret plan",
    idempotencyKey: newId(),
  });
  await changeSlug(
    services,
    { userId: admin.id },
    { organizationId, slug: `x-${newId()}`.slice(0, 40), reason: "Moved" },
  );

  const seen = await callingAs(services, admin).admin.organization({ organizationId });
  expect(seen).toEqual({
    organizationId,
    name: "Acme",
    slug: expect.stringMatching(/^x-/),
    formerSlugs: [slug],
    description: "",
    code: null,
    status: "active",
    enterpriseName: expect.any(String),
    createdAt: expect.any(String),
    isSetUp: true,
    counts: { owners: 1, admins: 0, billingAdmins: 0, members: 1, openInvites: 0, teams: 0, apiKeys: 1 },
    money: {
      creditTypeName: null,
      balanceMicro: "12500000",
      heldMicro: "0",
      availableMicro: "12500000",
      spentMicro: "0",
      transactionCount: 1,
    },
  });
  const nobody = callingAs(services, admin).admin.organization({ organizationId: newId() });
  await expect(nobody).rejects.toMatchObject({ code: "NOT_FOUND" });
});

pgTest("C4 being a platform admin opens no organization's own pages", async ({ db }) => {
  const services = givenRunning(db);
  const admin = callingAs(services, await givenAdmin(services));
  const { slug: organization } = await givenOrganization(services);
  const reads = [
    () => admin.organizations.get({ organization }),
    () => admin.members.list({ organization }),
    () => admin.wallets.transactions({ organization }),
    () => admin.usage.list({ organization }),
    () => admin.apiKeys.list({ organization }),
  ];
  for (const read of reads) await expect(read()).rejects.toMatchObject({ code: "NOT_FOUND" });
});

pgTest("to everybody else the admin's procedures are not there, whatever they are asked", async ({ db }) => {
  const services = givenRunning(db);
  const { organizationId, slug, ...owner } = await givenOrganization(services);
  const person = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
  for (const [who, code] of [
    [person, "NOT_FOUND"],
    [null, "UNAUTHORIZED"],
  ] as const) {
    const { admin } = callingAs(services, who);
    for (const id of [organizationId, newId()]) {
      await expect(admin.organization({ organizationId: id })).rejects.toMatchObject({ code });
      const change = admin.changeSlug({ organizationId: id, slug: `${slug}-x`, reason: "Mine" });
      await expect(change).rejects.toMatchObject({ code });
    }
    await expect(admin.organizations({})).rejects.toMatchObject({ code });
  }
});

pgTest("the database itself tells nothing to whom it does not know as a platform admin", async ({ db }) => {
  const services = givenRunning(db);
  const { organizationId, userId } = await givenOrganization(services);
  for (const claimed of [userId, newId()]) {
    expect(
      await db.sql`SELECT * FROM platform_list_organizations(${claimed}, null, false, null, null, null, 10)`,
    ).toEqual([]);
    expect(await db.sql`SELECT * FROM platform_read_organization(${claimed}, ${organizationId})`).toEqual([]);
    expect(await db.sql`SELECT total FROM platform_count_organizations(${claimed}, null)`).toEqual([{ total: 0n }]);
  }
});

pgTest("the command makes and unmakes platform admins, at once and on the record", async ({ db }) => {
  const services = givenRunning(db);
  const user = await givenUser(db);
  const change = { email: user.email, isPlatformAdmin: true, allowUnverified: false };
  await expect(setPlatformAdmin(services, change)).rejects.toThrow(/is not verified/);
  await expect(setPlatformAdmin(services, { ...change, email: "nobody@example.com" })).rejects.toThrow(/Nobody/);
  await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${user.id}`;
  expect(await setPlatformAdmin(services, change)).toEqual({ name: user.name, hasChanged: true });
  expect(await setPlatformAdmin(services, change)).toEqual({ name: user.name, hasChanged: false });
  expect(await listPlatformAdmins(db)).toContainEqual({ email: user.email, name: user.name });
  expect(await setPlatformAdmin(services, { ...change, isPlatformAdmin: false })).toMatchObject({ hasChanged: true });
  const entries = await db.sql.begin(async (sql) => {
    await sql`SELECT set_config('app.user_id', ${user.id}, true)`;
    return sql<{ action: string; actor_id: string | null }[]>`
      SELECT action, actor_id FROM audit.entries WHERE scope_id = ${user.id} ORDER BY sequence`;
  });
  expect(entries).toMatchObject([
    { action: "person.platform_admin_granted", actor_id: null },
    { action: "person.platform_admin_revoked", actor_id: null },
  ]);
});
