import { type Database, withOrganization } from "@guildhall/db";
import { auditEntries } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { callingAs } from "../../testing/calling.ts";
import { givenMember, givenOrganization, givenServices, givenUser, readLog } from "../../testing/given.ts";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { createOrganization } from "../organizations/index.ts";
import { changeSlug } from "./change-slug.ts";
import { setPlatformAdmin } from "./set-platform-admin.ts";

const newSlug = (word = "moved") => `${word}-${newId().slice(-12)}`;

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

const userOf = ({ userId: id, name, email }: OrganizationActor): User => ({ id, name, email, isPlatformAdmin: false });

pgTest(
  "S3.8 an old slug leads members to the organization, and looks like nothing to everybody else",
  async ({ db }) => {
    const services = givenRunning(db);
    const admin = await givenAdmin(services);
    const owner = await givenOrganization(services);
    const member = await givenMember(services, owner, "member");
    const slugs = [owner.slug, newSlug(), newSlug(), newSlug()];
    for (const slug of slugs.slice(1)) {
      const reason = "They asked for it.";
      await callingAs(services, admin).admin.changeSlug({ organizationId: owner.organizationId, slug, reason });
    }
    const current = slugs.at(-1);
    for (const organization of slugs) {
      const found = await callingAs(services, userOf(member)).organizations.get({ organization });
      expect(found).toMatchObject({ id: owner.organizationId, slug: current, role: "member" });
      for (const stranger of [await givenUser(db), admin]) {
        const refusal = (named: string) =>
          callingAs(services, stranger)
            .organizations.get({ organization: named })
            .catch(({ code, message, cause }) => ({ code, message, cause: { ...cause } }));
        expect(await refusal(organization)).toMatchObject({ code: "NOT_FOUND" });
        expect(await refusal(organization)).toEqual(await refusal(newSlug("nothing")));
      }
    }
    const mine = await callingAs(services, userOf(member)).organizations.mine();
    expect(mine.map(({ slug }) => slug)).toEqual([current]);
  },
);

pgTest("S3.8 who was removed finds nothing under an old slug either", async ({ db }) => {
  const services = givenRunning(db);
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  const actor = { userId: (await givenAdmin(services)).id };
  await changeSlug(services, actor, { organizationId: owner.organizationId, slug: newSlug(), reason: "Moved" });
  await callingAs(services, userOf(owner)).members.remove({ organization: owner.slug, userId: member.userId });
  const look = callingAs(services, userOf(member)).organizations.get({ organization: owner.slug });
  await expect(look).rejects.toMatchObject({ code: "NOT_FOUND" });
});

pgTest("C8 an old slug never passes to another organization, however one asks for it", async ({ db }) => {
  const services = givenRunning(db);
  const actor = { userId: (await givenAdmin(services)).id };
  const owner = await givenOrganization(services);
  const old = owner.slug;
  await changeSlug(services, actor, { organizationId: owner.organizationId, slug: newSlug(), reason: "Moved" });

  const other = await givenUser(db);
  const asked = { name: "Mine", slug: old, idempotencyKey: newId() };
  await expect(callingAs(services, other).organizations.create(asked)).rejects.toThrow("This slug is taken");
  const first = await callingAs(services, other).organizations.ensureFirst();
  const setup = { organization: first.slug, name: "Mine", slug: old };
  await expect(callingAs(services, other).organizations.completeSetup(setup)).rejects.toThrow("This slug is taken");
  const foreign = await givenOrganization(services);
  const bySupport = { organizationId: foreign.organizationId, slug: old, reason: "They want it" };
  await expect(changeSlug(services, actor, bySupport)).rejects.toMatchObject({ code: "slug_taken" });

  const suggested = await callingAs(services, other).organizations.suggestSlug({ name: old });
  expect(suggested.slug).not.toBe(old);
  const typed = await callingAs(services, other).organizations.suggestSlug({ name: old, slug: old });
  expect(typed.isAvailable).toBe(false);
  const named = await createOrganization(services, other, { name: old, idempotencyKey: newId(), isSetUp: true });
  expect(named.slug).toBe(`${old}-2`);
});

pgTest(
  "C8 a slug given up and asked for in the same moment stays with who had it",
  async ({ db, openSecondConnection }) => {
    const here = givenRunning(db);
    const there = givenRunning(openSecondConnection());
    const actor = { userId: (await givenAdmin(here)).id };
    for (let round = 0; round < 8; round += 1) {
      const owner = await givenOrganization(here);
      const rival = await givenUser(db);
      const [moved, taken] = await Promise.allSettled([
        changeSlug(here, actor, { organizationId: owner.organizationId, slug: newSlug(), reason: "Moved" }),
        createOrganization(there, rival, { name: "Rival", slug: owner.slug, idempotencyKey: newId(), isSetUp: true }),
      ]);
      expect(moved.status).toBe("fulfilled");
      expect(taken).toMatchObject({ status: "rejected", reason: { code: "slug_taken" } });
    }
  },
);

pgTest("two organizations that are to get one slug at once: one gets it", async ({ db, openSecondConnection }) => {
  const here = givenRunning(db);
  const there = givenRunning(openSecondConnection());
  const actor = { userId: (await givenAdmin(here)).id };
  for (let round = 0; round < 8; round += 1) {
    const [one, other] = [await givenOrganization(here), await givenOrganization(here)];
    const slug = newSlug("wanted");
    const outcomes = await Promise.allSettled([
      changeSlug(here, actor, { organizationId: one.organizationId, slug, reason: "Wanted" }),
      changeSlug(there, actor, { organizationId: other.organizationId, slug, reason: "Wanted" }),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  }
});

pgTest("an organization may come back to a slug that it had; reserved words are refused", async ({ db }) => {
  const services = givenRunning(db);
  const actor = { userId: (await givenAdmin(services)).id };
  const { organizationId, slug: first, ...owner } = await givenOrganization(services);
  const second = newSlug();
  const to = (slug: string) => changeSlug(services, actor, { organizationId, slug, reason: "Support case" });
  expect(await to(second)).toEqual({ slug: second, previousSlug: first });
  expect(await to(first)).toEqual({ slug: first, previousSlug: second });
  await expect(to("admin")).rejects.toMatchObject({ code: "slug_reserved" });
  const mine = callingAs(services, { id: owner.userId, name: "", email: "", isPlatformAdmin: false });
  expect(await mine.organizations.get({ organization: second })).toMatchObject({ slug: first });
});

pgTest("a change is announced and recorded once, with the reason, and the same again not at all", async ({ db }) => {
  const services = givenRunning(db);
  const admin = await givenAdmin(services);
  const { organizationId, slug: previousSlug } = await givenOrganization(services);
  const slug = newSlug();
  for (const reason of ["They were renamed", "A second press"]) {
    await callingAs(services, admin).admin.changeSlug({ organizationId, slug, reason });
  }
  const log = (await readLog(db, organizationId)).filter(({ type }) => type === "organization.slug_changed");
  expect(log).toMatchObject([{ payload: { slug, previousSlug }, actorId: admin.id, audience: null }]);
  const entries = await withOrganization(db, organizationId, (tx) => tx.db.select().from(auditEntries));
  expect(entries.filter(({ action }) => action === "organization.slug_changed")).toMatchObject([
    {
      actorId: admin.id,
      subjectId: organizationId,
      before: { slug: previousSlug },
      after: { slug, reason: "They were renamed" },
      address: "192.0.2.1",
      requestId: "request-1",
    },
  ]);
});

pgTest("who lost the right a moment ago changes nothing; nor does support in what does not exist", async ({ db }) => {
  const services = givenRunning(db);
  const { organizationId, userId, slug } = await givenOrganization(services);
  const wanted = { organizationId, slug: newSlug(), reason: "Mine" };
  await expect(changeSlug(services, { userId }, wanted)).rejects.toMatchObject({ code: "not_found" });
  expect((await readLog(db, organizationId)).map(({ type }) => type)).not.toContain("organization.slug_changed");
  const actor = { userId: (await givenAdmin(services)).id };
  const nowhere = changeSlug(services, actor, { ...wanted, organizationId: newId() });
  await expect(nowhere).rejects.toMatchObject({ code: "not_found" });
  expect(
    await callingAs(services, { id: userId, name: "", email: "", isPlatformAdmin: false }).organizations.mine(),
  ).toMatchObject([{ slug }]);
});

pgTest("the app's role can take slugs, and neither free one nor move it", async ({ db }) => {
  const services = givenRunning(db);
  const { organizationId, slug } = await givenOrganization(services);
  const free = withOrganization(
    db,
    organizationId,
    (tx) => tx.sql`DELETE FROM organization_slugs WHERE slug = ${slug}`,
  );
  await expect(free).rejects.toThrow(/permission denied/);
  const move = withOrganization(
    db,
    organizationId,
    (tx) => tx.sql`UPDATE organization_slugs SET organization_id = ${newId()} WHERE slug = ${slug}`,
  );
  await expect(move).rejects.toThrow(/permission denied/);
  const untaken = withOrganization(
    db,
    organizationId,
    (tx) => tx.sql`UPDATE organizations SET slug = ${newSlug()} WHERE id = ${organizationId}`,
  );
  await expect(untaken).rejects.toThrow(/organization_slugs|foreign key/);
});
