import { withOrganization } from "@guildhall/db";
import { auditEntries, teams } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, givenUser, readLog } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam, proveAddress, spenderOf } from "../../testing/given-teams.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { createOrganization } from "../organizations/index.ts";
import { readWaysToSpend } from "../spend-policy/spend-policy.queries.ts";
import { addTeamMember } from "./add-team-member.ts";
import { assignTeam } from "./assign-team.ts";
import { createTeam } from "./create-team.ts";
import { deleteTeam } from "./delete-team.ts";
import { removeTeam } from "./remove-team.ts";
import { removeTeamMember } from "./remove-team-member.ts";
import { renameTeam } from "./rename-team.ts";
import {
  readAssignableTeams,
  readAssignedTeams,
  readTeam,
  readTeamPeople,
  readTeamsOfEnterprise,
} from "./teams.queries.ts";

/** One more organization of the same owner, so of the same enterprise. */
async function givenSibling(services: Services, owner: OrganizationActor): Promise<OrganizationActor> {
  const user = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
  const made = await createOrganization(services, user, { name: "Sibling", idempotencyKey: newId(), isSetUp: true });
  return { ...owner, organizationId: made.organizationId, slug: made.slug };
}

function readAudit(services: Services, { organizationId }: OrganizationActor) {
  return withOrganization(services.db, organizationId, (tx) => tx.db.select().from(auditEntries));
}

pgTest(
  "S0.9 S0.10 S0.11 a team is assigned, listed, and removed again; each is announced and audited once",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const enterprise = await givenEnterprise(services, owner);
    const { teamId, name } = await givenTeam(services, enterprise);
    expect((await readAssignedTeams(db, owner, { now: new Date(), limit: 50 })).teams).toEqual([]);
    expect(await readAssignableTeams(db, owner)).toEqual([{ teamId, name, memberCount: 1, isFree: true }]);
    await assignTeam(services, owner, { teamId });
    await assignTeam(services, owner, { teamId });
    expect((await readAssignedTeams(db, owner, { now: new Date(), limit: 50 })).teams).toMatchObject([
      { teamId, name, memberCount: 1 },
    ]);
    expect(await readAssignableTeams(db, owner)).toEqual([]);
    await removeTeam(services, owner, { teamId });
    await removeTeam(services, owner, { teamId });
    expect((await readAssignedTeams(db, owner, { now: new Date(), limit: 50 })).teams).toEqual([]);
    const events = (await readLog(db, owner.organizationId)).filter(({ type }) => type.startsWith("team."));
    expect(events.map(({ type }) => type)).toEqual(["team.assigned", "team.removed"]);
    expect(events[0]?.payload).toEqual({ teamId, name });
    const audited = (await readAudit(services, owner)).filter((row) => row.action.startsWith("team."));
    expect(audited.map((row) => row.action).sort()).toEqual(["team.assigned", "team.removed"]);
  },
);

pgTest(
  "C3 of two organizations that take a team in the same instant exactly one gets it, in both logs",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const one = await givenOrganization(here);
    const other = await givenSibling(here, one);
    const enterprise = await givenEnterprise(here, one);
    for (let round = 0; round < 20; round += 1) {
      const { teamId } = await givenTeam(here, enterprise);
      const outcomes = await Promise.allSettled([
        assignTeam(here, one, { teamId }),
        assignTeam(there, other, { teamId }),
      ]);
      expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
      for (const outcome of outcomes)
        if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "team_assigned_elsewhere" });
    }
    const count = async (of: OrganizationActor) =>
      (await readLog(db, of.organizationId)).filter((event) => event.type === "team.assigned").length;
    expect((await count(one)) + (await count(other))).toBe(20);
    expect((await readAssignedTeams(db, one, { now: new Date(), limit: 50 })).teams).toHaveLength(await count(one));
  },
);

pgTest(
  "S3.3 a team of another enterprise looks like none, for organizations and for enterprises",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const enterprise = await givenEnterprise(services, owner);
    const stranger = await givenOrganization(services);
    const { teamId, person, name } = await givenTeam(services, await givenEnterprise(services, stranger));
    for (const id of [teamId, newId()]) {
      const attempts = await Promise.allSettled([
        assignTeam(services, owner, { teamId: id }),
        removeTeam(services, owner, { teamId: id }),
        readTeamPeople(db, owner, { teamId: id, now: new Date(), limit: 50 }),
        readTeam(db, enterprise, { teamId: id, limit: 50 }),
        renameTeam(services, enterprise, { teamId: id, name: "Mine" }),
        deleteTeam(services, enterprise, { teamId: id, typedName: name }),
        addTeamMember(services, enterprise, { teamId: id, email: owner.email }),
        removeTeamMember(services, enterprise, { teamId: id, userId: person.id }),
      ]);
      for (const attempt of attempts)
        expect(attempt).toMatchObject({ status: "rejected", reason: { code: "not_found" } });
    }
    expect(await readAssignableTeams(db, owner)).toEqual([]);
    expect((await readTeamsOfEnterprise(db, enterprise, { limit: 50 })).teams).toEqual([]);
    // The second wall: SQL without a filter, in the organization's own transaction.
    const touched = await withOrganization(
      db,
      owner.organizationId,
      (tx) => tx.sql`
      UPDATE teams SET organization_id = ${owner.organizationId} RETURNING id`,
    );
    expect(touched).toHaveLength(0);
  },
);

pgTest(
  "only managers assign and remove teams; the right is read again under the lock",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const { teamId } = await givenTeam(services, await givenEnterprise(services, owner));
    for (const role of ["billing_admin", "member"] as const) {
      const actor = await givenMember(services, owner, role);
      await expect(assignTeam(services, { ...actor, role: "owner" }, { teamId })).rejects.toMatchObject({
        code: "forbidden",
      });
      await expect(removeTeam(services, actor, { teamId })).rejects.toMatchObject({ code: "forbidden" });
    }
    await assignTeam(services, await givenMember(services, owner, "admin"), { teamId });
  },
);

pgTest(
  "S0.12 people of an assigned team spend from the wallet without being members, and count to their allowance",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    await givenCredits(services, owner);
    const { teamId, person } = await givenTeam(services, await givenEnterprise(services, owner));
    const spend = spenderOf(services, owner);
    await expect(spend(person, 5)).rejects.toMatchObject({ code: "unknown_member" });
    await assignTeam(services, owner, { teamId });
    await spend(person, 600);
    expect(await readAssignedTeams(db, owner, { now: new Date(), limit: 50 })).toMatchObject({
      teams: [{ spentMicro: "600" }],
    });
    expect(await readTeamPeople(db, owner, { teamId, now: new Date(), limit: 50 })).toMatchObject({
      people: [{ name: "Tess", role: null, spentMicro: "600" }],
    });
    await withOrganization(
      db,
      owner.organizationId,
      (tx) => tx.sql`
      UPDATE organizations SET monthly_allowance_micro = 1000 WHERE id = ${owner.organizationId}`,
    );
    await expect(spend(person, 401)).rejects.toMatchObject({ code: "allowance_exceeded" });
    await spend(person, 400);
    await removeTeam(services, owner, { teamId });
    await expect(spend(person, 1)).rejects.toMatchObject({ code: "unknown_member" });
  },
);

pgTest(
  "S0.15 a deleted organization lets its teams go: they survive, with their people",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const sibling = await givenSibling(services, owner);
    const enterprise = await givenEnterprise(services, owner);
    const { teamId } = await givenTeam(services, enterprise);
    await assignTeam(services, sibling, { teamId });
    await superuserDb.sql.begin(async (sql) => {
      // Nobody but a superuser can: what refers to an organization goes first.
      await sql`SET LOCAL session_replication_role = replica`;
      for (const table of ["members", "organization_slugs", "audit.entries", "audit.heads"])
        await sql`DELETE FROM ${sql(table)} WHERE ${sql(table.startsWith("audit") ? "scope_id" : "organization_id")} = ${sibling.organizationId}`;
      await sql`SET LOCAL session_replication_role = origin`;
      await sql`DELETE FROM organizations WHERE id = ${sibling.organizationId}`;
    });
    expect(await readTeam(db, enterprise, { teamId, limit: 50 })).toMatchObject({
      organizationName: null,
      people: [{ name: "Tess" }],
    });
    await assignTeam(services, owner, { teamId });
  },
);

pgTest(
  "a team is assigned to an organization of its own enterprise only, whoever writes",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const stranger = await givenOrganization(services);
    const { teamId } = await givenTeam(services, await givenEnterprise(services, owner));
    const attempt = superuserDb.drizzle
      .update(teams)
      .set({ organizationId: stranger.organizationId })
      .where(eq(teams.id, teamId));
    await expect(attempt).rejects.toMatchObject({ cause: { code: "23503" } });
  },
);

pgTest(
  "the enterprise's changes to an assigned team stand in the organization's log, in order",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const enterprise = await givenEnterprise(services, owner);
    const { teamId, person } = await givenTeam(services, enterprise);
    await assignTeam(services, owner, { teamId });
    const grace = await givenUser(db, "Grace");
    await proveAddress(services, grace);
    expect(await addTeamMember(services, enterprise, { teamId, email: ` ${grace.email.toUpperCase()}` })).toMatchObject(
      {
        name: "Grace",
        isNew: true,
      },
    );
    expect(await addTeamMember(services, enterprise, { teamId, email: grace.email })).toMatchObject({ isNew: false });
    await removeTeamMember(services, enterprise, { teamId, userId: person.id });
    await removeTeamMember(services, enterprise, { teamId, userId: person.id });
    await renameTeam(services, enterprise, { teamId, name: "Renamed" });
    await expect(deleteTeam(services, enterprise, { teamId, typedName: "renamed" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    await deleteTeam(services, enterprise, { teamId, typedName: "Renamed" });
    const types = (await readLog(db, owner.organizationId))
      .map((event) => event.type)
      .filter((type) => type.startsWith("team."));
    expect(types).toEqual([
      ...["team.assigned", "team.member_added", "team.member_removed", "team.renamed", "team.removed"],
    ]);
    for (const { type, audience } of await readLog(db, owner.organizationId)) {
      if (type.startsWith("team.")) expect(audience).not.toContain("member");
      if (type === "teams.changed") expect(audience).toEqual(["member"]);
    }
    const actions = (await readAudit(services, owner)).map((row) => row.action);
    expect(actions).toEqual(
      expect.arrayContaining(["team.member_added", "team.member_removed", "team.renamed", "team.deleted"]),
    );
    expect((await readTeamsOfEnterprise(db, enterprise, { limit: 50 })).teams).toEqual([]);
  },
);

pgTest(
  "S0.10 who may not see the teams hears that there is one more or less, and neither its name nor its id",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const enterprise = await givenEnterprise(services, owner);
    const { teamId } = await givenTeam(services, enterprise);
    await assignTeam(services, owner, { teamId });
    await renameTeam(services, enterprise, { teamId, name: "Renamed" });
    await removeTeam(services, owner, { teamId });
    const log = await readLog(db, owner.organizationId);
    const heardBy = (role: string) =>
      log.filter(({ type, audience }) => type.startsWith("team") && (audience === null || audience.includes(role)));
    expect(heardBy("member").map(({ type, payload }) => ({ type, payload }))).toEqual([
      { type: "teams.changed", payload: {} },
      { type: "teams.changed", payload: {} },
    ]);
    for (const role of ["owner", "admin", "billing_admin"]) {
      expect(heardBy(role).map(({ type }) => type)).toEqual(["team.assigned", "team.renamed", "team.removed"]);
    }
  },
);

pgTest("a form sent twice makes one team; a name is taken once, in any case", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const enterprise = await givenEnterprise(services, await givenOrganization(services));
  const form = { name: "Brand", idempotencyKey: newId() };
  const [first, second] = await Promise.all([
    createTeam(services, enterprise, form),
    createTeam(services, enterprise, form),
  ]);
  expect(second).toEqual(first);
  await expect(createTeam(services, enterprise, { ...form, name: "Other" })).rejects.toMatchObject({
    code: "idempotency_conflict",
  });
  const again = createTeam(services, enterprise, { name: "BRAND", idempotencyKey: newId() });
  await expect(again).rejects.toMatchObject({ code: "name_taken" });
  const { teamId } = await createTeam(services, enterprise, { name: "Sales", idempotencyKey: newId() });
  await expect(renameTeam(services, enterprise, { teamId, name: "brand" })).rejects.toMatchObject({
    code: "name_taken",
  });
  await renameTeam(services, enterprise, { teamId, name: "sales" });
});

pgTest(
  "who has not proved their address is answered like nobody at all, wherever mail can prove it",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const enterprise = await givenEnterprise(services, await givenOrganization(services));
    const { teamId } = await givenTeam(services, enterprise);
    const { email } = await givenUser(db, "Grace");
    const refusal = async (address: string) =>
      addTeamMember(services, enterprise, { teamId, email: address }).then(
        () => null,
        ({ code, details, message }) => ({ code, details, message }),
      );
    expect(await refusal(email)).toMatchObject({ code: "unknown_person" });
    expect(await refusal(email)).toEqual(await refusal("nobody@example.com"));
    const withoutMail = { ...services, mailDelivery: "off" } as const;
    expect(await addTeamMember(withoutMail, enterprise, { teamId, email })).toEqual({ name: "Grace", isNew: true });
  },
);

pgTest("who asks for one address after the other has to wait; others do not", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const enterprise = await givenEnterprise(services, await givenOrganization(services));
  const { teamId } = await createTeam(services, enterprise, { name: "Curious", idempotencyKey: newId() });
  const ask = (n: number) => addTeamMember(services, enterprise, { teamId, email: `nobody${n}@example.com` });
  for (let n = 0; n < 30; n += 1) await expect(ask(n)).rejects.toMatchObject({ code: "unknown_person" });
  await expect(ask(30)).rejects.toMatchObject({ code: "too_many_attempts" });
  const other = await givenEnterprise(services, await givenOrganization(services));
  await expect(givenTeam(services, other)).resolves.toMatchObject({ name: expect.any(String) });
});

pgTest(
  "somebody without an account cannot be added, and who lost the enterprise changes nothing",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const enterprise = await givenEnterprise(services, await givenOrganization(services));
    const { teamId, name } = await givenTeam(services, enterprise);
    const nobody = addTeamMember(services, enterprise, { teamId, email: "nobody@example.com" });
    await expect(nobody).rejects.toMatchObject({ code: "unknown_person", details: { field: "email" } });
    await superuserDb.sql`DELETE FROM enterprise_admins WHERE enterprise_id = ${enterprise.enterpriseId}`;
    const attempts = await Promise.allSettled([
      createTeam(services, enterprise, { name: "New", idempotencyKey: newId() }),
      renameTeam(services, enterprise, { teamId, name: "New" }),
      addTeamMember(services, enterprise, { teamId, email: "nobody@example.com" }),
      deleteTeam(services, enterprise, { teamId, typedName: name }),
    ]);
    for (const attempt of attempts) expect(attempt).toMatchObject({ reason: { code: "not_found" } });
  },
);

pgTest(
  "S2.17 S2.19 a person sees by which role or team they may spend whose credits, and why not",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services, "Payer");
    const enterprise = await givenEnterprise(services, owner);
    const { teamId, person, name } = await givenTeam(services, enterprise);
    expect(await readWaysToSpend(db, person.id)).toMatchObject([
      { organizationName: null, teamName: name, refusal: "unassigned" },
    ]);
    await assignTeam(services, owner, { teamId });
    expect(await readWaysToSpend(db, person.id)).toMatchObject([
      { organizationName: "Payer", teamName: name, refusal: null },
    ]);
    expect(await readWaysToSpend(db, owner.userId)).toMatchObject([
      { organizationName: "Payer", role: "owner", refusal: null },
    ]);
    await removeTeamMember(services, enterprise, { teamId, userId: person.id });
    expect(await readWaysToSpend(db, person.id)).toEqual([]);
    expect((await readLog(db, owner.organizationId)).at(-1)).toMatchObject({ type: "team.member_removed" });
  },
);
