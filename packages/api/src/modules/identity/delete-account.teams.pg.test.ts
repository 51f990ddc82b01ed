import { createLoginLimits } from "@guildhall/auth";
import { withUser } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import { givenOrganization, givenServices, givenUser } from "../../testing/given.ts";
import { givenEnterprise, givenTeam, proveAddress } from "../../testing/given-teams.ts";
import type { Services, User } from "../../trpc/context.ts";
import { addTeamMember } from "../teams/add-team-member.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { readTeam } from "../teams/teams.queries.ts";
import { deleteAccount } from "./delete-account.ts";

const PASSWORD = "correct horse battery";
/** The same, hashed as cheaply as can be: two hundred of the usual ones take a minute. */
const CHEAP_HASH = "$argon2id$v=19$m=8,t=1,p=1$wLKRYJLDx8F7QAi0VlU9mg$16bv6a1NdYDX92KpF0bxIHc2B3JA1Zm+RoEdw/R6HBs";
const ROUNDS = 200;
const AT_ONCE = 4;

async function givenPerson(services: Services): Promise<User> {
  const user = await givenUser(services.db, "Grace");
  await proveAddress(services, user);
  await services.db.sql`UPDATE users SET password_hash = ${CHEAP_HASH} WHERE id = ${user.id}`;
  return user;
}

const confirmed = ({ email }: User) => ({ email, password: PASSWORD });
/** Whoever asks for two hundred people in a minute is limited; this is not what is tested here. */
const unlimited = (services: Services) => ({ ...services, loginLimits: createLoginLimits({ clock: systemClock }) });

pgTest(
  "who deletes their account leaves teams that are assigned nowhere, too: the enterprise’s admins are told at once, and find it in their log",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const enterprise = await givenEnterprise(services, owner);
    const { teamId, name, person } = await givenTeam(services, enterprise);
    const user = await givenPerson(services);
    await addTeamMember(services, enterprise, { teamId, email: user.email });
    const touched: string[] = [];
    const bus = { ...services.bus, touchPerson: (id: string) => void touched.push(id) };
    const origin = { address: "203.0.113.7", userAgent: "Test", requestId: "r" };
    await deleteAccount({ ...services, bus }, { ...user, origin }, confirmed(user));
    expect(touched).toEqual(expect.arrayContaining([owner.userId, person.id]));
    expect(await readTeam(db, enterprise, { teamId, limit: 50 })).toMatchObject({
      memberCount: 1,
      people: [{ userId: person.id }],
    });
    const readLog = (userId: string) =>
      withUser(
        db,
        userId,
        (tx) => tx.sql`
        SELECT action, actor_name, subject_label, before, address, user_agent FROM audit.entries
         WHERE scope_id = ${userId} ORDER BY sequence`,
      );
    const entry = {
      action: "team.member_removed",
      actor_name: "Grace",
      subject_label: name,
      address: null,
      user_agent: null,
    };
    const before = { person: "Grace", email: user.email };
    expect((await readLog(owner.userId)).at(-1)).toEqual({ ...entry, before });
    const own = await superuserDb.sql`SELECT action FROM audit.entries WHERE scope_id = ${user.id} ORDER BY sequence`;
    expect(own.map(({ action }) => action).slice(-2)).toEqual(["team.member_removed", "account.deleted"]);
  },
);

pgTest(
  "somebody is put into teams in the instant in which they delete their account: no team is left with nobody’s account, and nothing fails oddly",
  async ({ db, openSecondConnection, superuserDb, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const owner = await givenOrganization(here);
    const enterprise = await givenEnterprise(here, owner);
    const [assigned, free] = [await givenTeam(here, enterprise), await givenTeam(here, enterprise)];
    await assignTeam(here, owner, { teamId: assigned.teamId });
    const add = (services: Services, { teamId }: { teamId: string }, user: User) =>
      addTeamMember(unlimited(services), enterprise, { teamId, email: user.email });
    const meet = async (round: number) => {
      const user = await givenPerson(here);
      const [team, other] = round % 2 ? [assigned, free] : [free, assigned];
      // In every other round they are in the team already: then the deletion locks that team as well.
      if (round % 4 < 2) await add(here, team, user);
      const addTwice = async () => {
        // The later rounds begin later, so that all moments come about.
        for (let turn = 0; turn < round % 20; turn += 1) await there.db.sql`SELECT 1`;
        await add(there, team, user);
        await add(there, other, user);
      };
      return Promise.allSettled([deleteAccount(here, user, confirmed(user)), addTwice()]);
    };
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const met = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => meet(round + n)));
      for (const [deleted, added] of met) {
        expect(deleted, `round ${round}`).toMatchObject({ status: "fulfilled" });
        seen.add(added.status);
        if (added.status === "rejected") expect(added.reason).toMatchObject({ code: "unknown_person" });
      }
    }
    expect([...seen].sort()).toEqual(["fulfilled", "rejected"]);
    const ghosts = await superuserDb.sql`
      SELECT 1 FROM team_members JOIN users ON users.id = user_id WHERE deleted_at IS NOT NULL`;
    expect(ghosts).toHaveLength(0);
    const counts =
      await superuserDb.sql`SELECT member_count FROM teams WHERE enterprise_id = ${enterprise.enterpriseId}`;
    expect(counts.map((row) => row.member_count)).toEqual([1, 1]);
  },
  120_000,
);

pgTest(
  "not even a statement of its own puts a deleted account into a team",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const enterprise = await givenEnterprise(services, await givenOrganization(services));
    const { teamId } = await givenTeam(services, enterprise);
    const user = await givenPerson(services);
    await deleteAccount(services, user, confirmed(user));
    const insert = superuserDb.sql`INSERT INTO team_members (enterprise_id, team_id, user_id, created_at)
      VALUES (${enterprise.enterpriseId}, ${teamId}, ${user.id}, now())`;
    await expect(insert).rejects.toMatchObject({ code: "23503" });
  },
);
