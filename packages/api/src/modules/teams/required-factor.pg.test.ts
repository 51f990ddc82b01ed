import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { expect, onTestFinished } from "vitest";
import { callingAs } from "../../testing/calling.ts";
import { givenOrganization, givenServices, givenUser, readLog } from "../../testing/given.ts";
import { givenEnterprise, givenTeam } from "../../testing/given-teams.ts";
import { readActor } from "../organizations/read-actor.ts";

/** An enterprise admin without a second factor, and a team that is assigned to an organization which requires one. */
async function given(db: Database) {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services, "Strict");
  const enterprise = await givenEnterprise(services, owner);
  const [assigned, free] = [await givenTeam(services, enterprise), await givenTeam(services, enterprise)];
  const ownerUser = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
  await callingAs(services, ownerUser).teams.assign({ organization: owner.slug, teamId: assigned.teamId });
  const enid = await givenUser(db, "Enid");
  await db.sql`INSERT INTO enterprise_admins (enterprise_id, user_id, created_at) VALUES (${enterprise.enterpriseId}, ${enid.id}, now())`;
  await setFactor(db, ownerUser.id, true);
  const require = (isRequired: boolean) =>
    callingAs(services, ownerUser).organizations.requireSecondFactor({ organization: owner.slug, isRequired });
  await require(true);
  return {
    services,
    owner,
    ownerUser,
    enterprise,
    assigned,
    free,
    enid,
    require,
    teams: callingAs(services, enid).teams,
  };
}

/** As if they had set one up, or lost it. */
const setFactor = ({ sql }: Database, userId: string, has: boolean) =>
  sql`UPDATE users SET second_factor_since = ${has ? new Date() : null} WHERE id = ${userId}`;

/** Everything that an enterprise admin can do to a team. The one that ends it comes last. */
function changesOf({ teams, enterprise, enid }: Awaited<ReturnType<typeof given>>, team: { teamId: string }) {
  const of = { enterprise: enterprise.slug, teamId: team.teamId };
  return {
    addMember: () => teams.addMember({ ...of, email: enid.email }),
    removeMember: () => teams.removeMember({ ...of, userId: enid.id }),
    rename: () => teams.rename({ ...of, name: "Renamed" }),
    delete: () => teams.delete({ ...of, typedName: "Renamed" }),
  };
}

/** How many are in a team, whoever asks. */
async function peopleOf({ sql }: Database, { teamId }: { teamId: string }): Promise<number | undefined> {
  const [row] = await sql<
    { memberCount: number }[]
  >`SELECT member_count AS "memberCount" FROM teams WHERE id = ${teamId}`;
  return row?.memberCount;
}

pgTest(
  "an enterprise admin without a second factor changes nothing for an organization that requires one, as its members cannot",
  async ({ db, superuserDb }) => {
    const context = await given(db);
    const { services, owner, ownerUser, enterprise, assigned } = context;
    await setFactor(db, ownerUser.id, false);
    await expect(readActor(db, ownerUser, owner.slug)).rejects.toMatchObject({ code: "second_factor_required" });
    const before = await readLog(db, owner.organizationId);
    for (const [name, change] of Object.entries(changesOf(context, assigned))) {
      const refusal = { cause: { code: "second_factor_required", message: expect.stringContaining("Strict") } };
      await expect(change(), name).rejects.toMatchObject(refusal);
    }
    expect(await readLog(db, owner.organizationId)).toEqual(before);
    expect(await peopleOf(superuserDb, assigned)).toBe(1);
    // What they see is the enterprise's own.
    const seen = await callingAs(services, context.enid).teams.get({
      enterprise: enterprise.slug,
      teamId: assigned.teamId,
    });
    expect(seen).toMatchObject({ name: assigned.name });
  },
);

pgTest(
  "with a second factor they do, at the next call, and when it is not required any more",
  async ({ db, superuserDb }) => {
    const context = await given(db);
    const { assigned, enid, require } = context;
    await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${enid.id}`;
    const { addMember, removeMember, ...rest } = changesOf(context, assigned);
    await expect(addMember()).rejects.toMatchObject({ cause: { code: "second_factor_required" } });
    await setFactor(db, enid.id, true);
    await addMember();
    await setFactor(db, enid.id, false);
    await expect(removeMember()).rejects.toMatchObject({ cause: { code: "second_factor_required" } });
    expect(await peopleOf(superuserDb, assigned)).toBe(2);
    await require(false);
    for (const change of [removeMember, rest.rename, rest.delete]) await change();
  },
);

pgTest(
  "an enterprise admin without a second factor makes nobody an admin who could change those teams in their place",
  async ({ db }) => {
    const { services, enterprise, enid, ownerUser, assigned, owner, require } = await given(db);
    const other = await givenUser(db, "Other");
    await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${other.id}`;
    await setFactor(db, other.id, true);
    const { enterprises } = callingAs(services, enid);
    const add = () => enterprises.addAdmin({ enterprise: enterprise.slug, email: other.email });
    const remove = () => enterprises.removeAdmin({ enterprise: enterprise.slug, userId: other.id });
    const refusal = { cause: { code: "second_factor_required", message: expect.stringContaining("Strict") } };
    await expect(add()).rejects.toMatchObject(refusal);
    const rename = callingAs(services, other).teams.rename({
      ...{ enterprise: enterprise.slug, teamId: assigned.teamId, name: "Mine" },
    });
    await expect(rename).rejects.toMatchObject({ cause: { code: "not_found" } });
    await setFactor(db, enid.id, true);
    expect(await add()).toMatchObject({ isNew: true });
    await setFactor(db, enid.id, false);
    await remove();
    await expect(add()).rejects.toMatchObject(refusal);
    // Where no team of the enterprise is assigned to an organization that requires one, there is nothing to get around.
    await callingAs(services, ownerUser).teams.remove({ organization: owner.slug, teamId: assigned.teamId });
    expect(await add()).toMatchObject({ isNew: true });
    await remove();
    await callingAs(services, ownerUser).teams.assign({ organization: owner.slug, teamId: assigned.teamId });
    await expect(add()).rejects.toMatchObject(refusal);
    await require(false);
    expect(await add()).toMatchObject({ isNew: true });
  },
);

pgTest("free teams, and the enterprise itself, are no business of an organization's requirement", async ({ db }) => {
  const context = await given(db);
  const { services, enterprise, enid, free } = context;
  await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${enid.id}`;
  for (const change of Object.values(changesOf(context, free))) await change();
  const { enterprises, teams } = callingAs(services, enid);
  await teams.create({ enterprise: enterprise.slug, name: "New", idempotencyKey: "new-team-of-enid" });
  const credits = { name: "Tokens", currency: "EUR", microPerMinorUnit: "1000" };
  await enterprises.createCreditType({ enterprise: enterprise.slug, ...credits });
});

pgTest("who is no admin of the enterprise learns nothing of the requirement", async ({ db }) => {
  const { services, enterprise, assigned } = await given(db);
  const stranger = await givenUser(db, "Stranger");
  const rename = callingAs(services, stranger).teams.rename({
    ...{ enterprise: enterprise.slug, teamId: assigned.teamId, name: "Mine" },
  });
  await expect(rename).rejects.toMatchObject({ cause: { code: "not_found" } });
});
