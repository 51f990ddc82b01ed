import { type Database, withOrganization } from "@guildhall/db";
import { auditEntries } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import type { RunningServices } from "../../server.ts";
import { callingAs } from "../../testing/calling.ts";
import { givenMember, givenOrganization, givenServices, givenUser } from "../../testing/given.ts";
import type { OrganizationActor } from "../../trpc/context.ts";
import { changeRole } from "../members/change-role.ts";
import { readActor } from "../organizations/index.ts";
import { listAudit, listAuditActors } from "./audit.queries.ts";
import { openAuditExport } from "./export-audit.ts";

const origin = { address: "192.0.2.1", userAgent: "test", requestId: "request-1" };

const callAs = (services: RunningServices, { userId: id, name, email }: OrganizationActor) =>
  callingAs(services, { id, name, email, isPlatformAdmin: false });

async function actionsOf(db: Database, { organizationId }: OrganizationActor) {
  const rows = await withOrganization(db, organizationId, (tx) => tx.db.select().from(auditEntries));
  return rows.sort((one, other) => Number(one.sequence - other.sequence));
}

pgTest(
  "what people do to an organization, its keys, its allowance and its credits is recorded, with from where",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const [owner, other] = [await givenOrganization(services), await givenOrganization(services, "Other")];
    const before = (await actionsOf(db, owner)).length;
    const api = callAs(services, owner);
    const organization = owner.slug;
    const key = () => newId();
    await api.organizations.rename({ organization, name: "Acorn" });
    const { apiKeyId } = await api.apiKeys.create({ organization, name: "Nightly", scopes: ["usage:write"] });
    await api.apiKeys.revoke({ organization, apiKeyId });
    await api.apiKeys.revoke({ organization, apiKeyId });
    await api.allowances.set({ organization, allowance: "1,000" });
    const added = { organization, amount: "10", description: "Start", idempotencyKey: key() };
    await api.wallets.addCredits(added);
    await api.wallets.addCredits(added);
    await api.wallets.deductCredits({ organization, amount: "2.5", reason: "Mistake", idempotencyKey: key() });
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    await api.wallets.grantCredits({
      organization,
      amount: "1",
      description: "Gift",
      expiresAt,
      idempotencyKey: key(),
    });
    const entries = (await actionsOf(db, owner)).slice(before);
    expect(entries.map(({ action, before, after }) => ({ action, before, after }))).toEqual([
      { action: "organization.renamed", before: { name: "Acme" }, after: { name: "Acorn" } },
      {
        action: "api_key.created",
        before: null,
        after: { name: "Nightly", hint: expect.stringMatching(/^gh_…/), scopes: ["usage:write"] },
      },
      { action: "api_key.revoked", before: { name: "Nightly", hint: expect.any(String) }, after: null },
      {
        action: "allowance.changed",
        before: { monthlyAllowanceMicro: null },
        after: { monthlyAllowanceMicro: "1000000000" },
      },
      {
        action: "credits.added",
        before: { balanceMicro: "0" },
        after: { balanceMicro: "10000000", amountMicro: "10000000" },
      },
      {
        action: "credits.deducted",
        before: { balanceMicro: "10000000" },
        after: { balanceMicro: "7500000", amountMicro: "-2500000" },
      },
      {
        action: "credits.granted",
        before: { balanceMicro: "7500000" },
        after: { balanceMicro: "8500000", amountMicro: "1000000", expiresAt },
      },
    ]);
    for (const entry of entries) expect(entry).toMatchObject({ actorId: owner.userId, ...origin });
    expect((await actionsOf(db, other)).map(({ action }) => action)).not.toContain("credits.added");
  },
);

pgTest("a transfer stands in both organizations' logs", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const user = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
  const api = callAs(services, owner);
  const { slug } = await api.organizations.create({ name: "Second", idempotencyKey: newId() });
  const second = (await readActor(db, user, slug)) ?? expect.fail("its maker is a member");
  await api.wallets.addCredits({ organization: owner.slug, amount: "5", idempotencyKey: newId() });
  const transfer = { to: { organization: slug }, amount: "2", reason: "Shared project", idempotencyKey: newId() };
  await api.transfers.create({ organization: owner.slug, ...transfer });
  expect((await actionsOf(db, owner)).at(-1)).toMatchObject({
    action: "credits.transferred",
    subjectLabel: "Shared project",
    after: { amountMicro: "-2000000", to: slug },
  });
  expect((await actionsOf(db, second)).at(-1)).toMatchObject({
    action: "credits.received",
    actorId: owner.userId,
    after: { amountMicro: "2000000", from: owner.slug },
  });
});

/** An organization with a log: its making, two members, and changes of role by two people. */
async function givenLog(services: RunningServices) {
  const owner = await givenOrganization(services);
  const admin = await givenMember(services, owner, "admin");
  const member = await givenMember(services, owner, "member");
  await changeRole(services, owner, { userId: member.userId, role: "billing_admin" });
  await changeRole(services, admin, { userId: member.userId, role: "member" });
  await callAs(services, admin).organizations.rename({ organization: owner.slug, name: "Acorn" });
  return { owner, admin, member };
}

pgTest(
  "the log is read newest first, in pages that nothing moves, by person, kind and time",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, admin } = await givenLog(services);
    const { organizationId } = owner;
    const list = (filters: Partial<Parameters<typeof listAudit>[2]>) =>
      listAudit(db, organizationId, { limit: 50, ...filters });
    const all = (await list({})).items;
    expect(all.map(({ action }) => action).slice(0, 3)).toEqual([
      "organization.renamed",
      "member.role_changed",
      "member.role_changed",
    ]);
    const first = await list({ limit: 2 });
    await callAs(services, owner).organizations.rename({ organization: owner.slug, name: "Again" });
    const second = await list({ limit: 2, cursor: first.nextCursor ?? expect.fail("there is more") });
    expect([...first.items, ...second.items]).toEqual(all.slice(0, 4));
    expect((await list({ cursor: all.at(-1)?.sequence ?? "" })).items).toEqual([]);

    const byAdmin = (await list({ actor: admin.userId })).items;
    expect(byAdmin.map(({ action }) => action)).toEqual(["organization.renamed", "member.role_changed"]);
    const ofMembers = (await list({ kind: "member", actor: admin.userId })).items;
    expect(ofMembers).toMatchObject([
      { before: { role: "billing_admin" }, after: { role: "member" }, actor: { name: "admin" } },
    ]);
    expect((await list({ kind: "mem" })).items).toEqual([]);
    const later = new Date(systemClock.now().getTime() + 60_000).toISOString();
    expect((await list({ from: later })).items).toEqual([]);
    expect((await list({ to: later })).items).toHaveLength(all.length + 1);
    expect(await listAuditActors(db, organizationId)).toEqual([
      { userId: admin.userId, name: "admin" },
      { userId: owner.userId, name: "Owner" },
    ]);
  },
);

pgTest("owners and admins read the log, others and strangers do not", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner, admin, member } = await givenLog(services);
  const stranger = await givenOrganization(services, "Foreign");
  const read = (actor: OrganizationActor) => callAs(services, actor).audit.list({ organization: owner.slug });
  expect((await read(owner)).items).toEqual((await read(admin)).items);
  await expect(read(member)).rejects.toMatchObject({ code: "FORBIDDEN" });
  await expect(read(stranger)).rejects.toMatchObject({ code: "NOT_FOUND" });
  const foreign = (await callAs(services, stranger).audit.list({ organization: stranger.slug })).items;
  expect(JSON.stringify(foreign)).not.toContain(owner.organizationId);
});

pgTest(
  "an export asks for each page whether it may still be read, and leaves out what came later",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, admin } = await givenLog(services);
    const user = { ...(await givenUser(db)), id: admin.userId };
    const readNow = () => readActor(db, user, owner.slug);
    const opened = await openAuditExport(db, { readActor: readNow, filters: {} });
    await callAs(services, owner).organizations.rename({ organization: owner.slug, name: "Later" });
    const { value } = await opened.pages.next();
    expect(value?.[0]).toMatchObject({ sequence: String(opened.lastSequence), after: { name: "Acorn" } });

    const another = await openAuditExport(db, { readActor: readNow, filters: {} });
    await changeRole(services, owner, { userId: admin.userId, role: "member" });
    await expect(another.pages.next()).rejects.toMatchObject({ code: "forbidden" });
    await expect(openAuditExport(db, { readActor: async () => undefined, filters: {} })).rejects.toMatchObject({
      code: "not_found",
    });
  },
);
