import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, givenUser, readLog, readRoster } from "../../testing/given.ts";
import { completeSetup } from "./complete-setup.ts";
import { createOrganization } from "./create-organization.ts";
import { ensureFirstOrganization } from "./ensure-first-organization.ts";
import { readMine, readOrganization, suggestSlug } from "./organizations.queries.ts";
import { readActor } from "./read-actor.ts";
import { renameOrganization } from "./rename-organization.ts";

pgTest(
  "S3.5 the first login makes one organization, also in two tabs at once",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const user = await givenUser(db);
    const outcomes = await Promise.all(
      [here, there, here, there].map((services) => ensureFirstOrganization(services, user)),
    );
    expect(new Set(outcomes.map((outcome) => outcome.slug)).size).toBe(1);
    const mine = await readMine(db, user.id);
    expect(mine).toHaveLength(1);
    expect(mine[0]).toMatchObject({ role: "owner", memberCount: 1, isSetUp: false });
  },
);

pgTest("S3.6 setup fixes name and slug; the slug cannot change again", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const user = await givenUser(db);
  const { slug } = await ensureFirstOrganization(services, user);
  const actor = (await readActor(db, user, slug)) ?? expect.fail("the owner is a member");
  const wanted = `acme-${newId().slice(-8)}`;
  await completeSetup(services, actor, { name: "Acme", slug: wanted });
  expect(await readActor(db, user, slug)).toMatchObject({ slug: wanted });
  expect(await readMine(db, user.id)).toMatchObject([{ name: "Acme", slug: wanted, isSetUp: true }]);
  expect(await completeSetup(services, actor, { name: "Acme", slug: wanted })).toEqual({ slug: wanted });
  await expect(completeSetup(services, actor, { name: "Acme", slug: "other" })).rejects.toMatchObject({
    code: "slug_fixed",
  });
});

pgTest("C8 a slug is unique on the platform and reserved words are refused", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const taken = await givenOrganization(services);
  const user = await givenUser(db);
  const create = (slug: string) =>
    createOrganization(services, user, { name: "Mine", slug, idempotencyKey: newId(), isSetUp: true });
  await expect(create(taken.slug)).rejects.toMatchObject({ code: "slug_taken" });
  await expect(create("admin")).rejects.toMatchObject({ code: "slug_reserved" });
  expect(await readMine(db, user.id)).toEqual([]);
  expect((await suggestSlug(db, { name: taken.slug })).slug).toBe(`${taken.slug}-2`);
});

pgTest("a form that is sent twice makes one organization", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const user = await givenUser(db);
  const input = { name: "Twice", idempotencyKey: newId(), isSetUp: true };
  const outcomes = await Promise.all([1, 2, 3].map(() => createOrganization(services, user, input)));
  expect(new Set(outcomes.map((outcome) => outcome.organizationId)).size).toBe(1);
  expect(await readMine(db, user.id)).toHaveLength(1);
  const other = createOrganization(services, user, { ...input, name: "Twic" });
  await expect(other).rejects.toMatchObject({ code: "idempotency_conflict" });
});

pgTest("C8 ten organizations of one name at once get ten slugs", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const name = `Same ${newId()}`;
  const created = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const user = await givenUser(db);
      return createOrganization(services, user, { name, idempotencyKey: "k", isSetUp: true });
    }),
  );
  expect(new Set(created.map((each) => each.slug)).size).toBe(10);
});

pgTest(
  "S2.6 the list shows every organization of a person, with role and member count, and no other",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const acme = await givenOrganization(services, "Acme");
    const member = await givenMember(services, acme, "member");
    await givenOrganization(services, "Foreign");
    expect(await readMine(db, member.userId)).toMatchObject([{ name: "Acme", role: "member", memberCount: 2 }]);
  },
);

pgTest("S3.7 a rename reaches the log once, and the same name again not at all", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  await renameOrganization(services, owner, { name: "Renamed" });
  await renameOrganization(services, owner, { name: "Renamed" });
  const log = await readLog(db, owner.organizationId);
  expect(log.filter((event) => event.type === "organization.renamed")).toHaveLength(1);
  expect(await readOrganization(db, owner)).toMatchObject({ name: "Renamed", logSequence: "2" });
});

pgTest(
  "S3.3 a stranger's look-up and one for a slug that does not exist are the same",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const stranger = await givenUser(db);
    expect(await readActor(db, stranger, owner.slug)).toBeUndefined();
    expect(await readActor(db, stranger, "no-such-organization")).toBeUndefined();
    expect(Object.keys(await readRoster(db, owner.organizationId))).toEqual([owner.userId]);
  },
);

pgTest(
  "an actor who was demoted a moment ago is refused under the lock, and nothing changes",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const stale = { ...(await givenMember(services, owner, "member")), role: "admin" as const };
    await expect(renameOrganization(services, stale, { name: "Mine now" })).rejects.toMatchObject({
      code: "forbidden",
    });
    const stranger = { ...stale, userId: newId() };
    await expect(renameOrganization(services, stranger, { name: "Mine now" })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await readOrganization(db, owner)).toMatchObject({ name: "Acme" });
  },
);
