import { type Database, withEnterprise } from "@guildhall/db";
import { teamMembers, teams, users } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { givenOrganization, givenServices } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, spenderOf } from "../../testing/given-teams.ts";
import type { OrganizationActor } from "../../trpc/context.ts";
import type { EnterpriseActor } from "../enterprises/index.ts";
import { deleteTeam } from "./delete-team.ts";
import { readAssignedTeams, readTeam, readTeamPeople, readTeamsOfEnterprise } from "./teams.queries.ts";

async function given(db: Database) {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  return { services, owner, enterprise: await givenEnterprise(services, owner) };
}

/** Many teams at once, those of the organization assigned to it. */
function givenTeams(db: Database, { enterpriseId }: EnterpriseActor, names: string[], of?: OrganizationActor) {
  const assigned = of ? { organizationId: of.organizationId, assignedAt: new Date() } : {};
  const rows = names.map((name) => ({ enterpriseId, id: newId(), name, createdAt: new Date(), ...assigned }));
  return withEnterprise(db, enterpriseId, async (tx) => {
    await tx.db.insert(teams).values(rows);
    return rows;
  });
}

async function givenPeople(db: Database, { enterpriseId }: EnterpriseActor, of: { teamId: string; names: string[] }) {
  const people = of.names.map((name) => ({ id: newId(), name }));
  await db.drizzle.insert(users).values(
    people.map(({ id, name }) => ({
      id,
      name,
      email: `${id}@example.com`,
      passwordHash: "none",
      createdAt: new Date(),
    })),
  );
  const rows = people.map(({ id }) => ({ enterpriseId, teamId: of.teamId, userId: id, createdAt: new Date() }));
  await withEnterprise(db, enterpriseId, (tx) => tx.db.insert(teamMembers).values(rows));
  return people;
}

/** Reads a list to its end, part by part. */
async function readAll<Row>(read: (cursor?: string) => Promise<{ rows: Row[]; nextCursor: string | null }>) {
  const parts: Row[][] = [];
  let cursor: string | undefined;
  do {
    const { rows, nextCursor } = await read(cursor);
    parts.push(rows);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  return parts;
}

const numbered = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => `${n % 2 ? name : name.toUpperCase()} ${String(n).padStart(3, "0")}`);

pgTest(
  "an enterprise’s teams come in parts that meet without a gap, and are found by a part of the name",
  async ({ db }) => {
    const { services, owner, enterprise } = await given(db);
    await givenTeams(db, await givenEnterprise(services, await givenOrganization(services)), ["Team of others"]);
    const made = await givenTeams(db, enterprise, [...numbered(25, "team"), "100% remote", "A_B"]);
    const read = (search?: string) =>
      readAll(async (cursor) => {
        const part = await readTeamsOfEnterprise(db, enterprise, { limit: 10, cursor, search });
        return { rows: part.teams.map(({ name }) => name), nextCursor: part.nextCursor };
      });
    const parts = await read();
    expect(parts.map((part) => part.length)).toEqual([10, 10, 7]);
    expect(parts.flat()).toEqual(["100% remote", "A_B", ...numbered(25, "team")]);
    expect((await readTeamsOfEnterprise(db, enterprise, { limit: 10 })).total).toBe(27);
    expect(await read("TEAM 01")).toEqual([numbered(25, "team").slice(10, 20)]);
    expect(await read("0%")).toEqual([["100% remote"]]);
    expect(await read("_")).toEqual([["A_B"]]);
    // What is deleted between two parts moves nothing.
    const first = await readTeamsOfEnterprise(db, enterprise, { limit: 10 });
    await deleteTeam(
      services,
      { ...enterprise, userId: owner.userId },
      { teamId: made[0]?.id ?? "", typedName: "TEAM 000" },
    );
    const second = await readTeamsOfEnterprise(db, enterprise, { limit: 10, cursor: first.nextCursor ?? "" });
    expect(second.teams[0]?.name).toBe(parts[1]?.[0]);
    for (const cursor of ["rubbish", Buffer.from('["a","b"]').toString("base64url")]) {
      await expect(readTeamsOfEnterprise(db, enterprise, { limit: 10, cursor })).rejects.toMatchObject({
        code: "invalid_input",
      });
    }
  },
);

pgTest("S0.9 assigned teams come in parts; what all of them have spent is told with each", async ({ db }) => {
  const { services, owner, enterprise } = await given(db);
  await givenCredits(services, owner);
  const made = await givenTeams(db, enterprise, numbered(12, "payer"), owner);
  await givenTeams(db, enterprise, ["Not assigned"]);
  const [last] = await givenPeople(db, enterprise, { teamId: made.at(-1)?.id ?? "", names: ["Tess"] });
  await spenderOf(services, owner)({ email: `${last?.id}@example.com` }, 30);
  const parts = await readAll(async (cursor) => {
    const part = await readAssignedTeams(db, owner, { limit: 5, cursor, now: services.clock.now() });
    expect(part).toMatchObject({ total: 12, spentMicro: "30" });
    return { rows: part.teams.map(({ name }) => name), nextCursor: part.nextCursor };
  });
  expect(parts.map((part) => part.length)).toEqual([5, 5, 2]);
  expect(parts.flat()).toEqual(numbered(12, "payer"));
});

pgTest(
  "a team’s people come in parts, those of one name too, for its enterprise and where it is assigned",
  async ({ db }) => {
    const { services, owner, enterprise } = await given(db);
    const [team] = await givenTeams(db, enterprise, ["Large"], owner);
    const teamId = team?.id ?? "";
    const people = await givenPeople(db, enterprise, { teamId, names: Array.from({ length: 7 }, () => "Same Name") });
    const reads = [
      (cursor?: string) => readTeam(db, enterprise, { teamId, limit: 3, cursor }),
      (cursor?: string) => readTeamPeople(db, owner, { teamId, limit: 3, cursor, now: services.clock.now() }),
    ];
    for (const read of reads) {
      const parts = await readAll(async (cursor) => {
        const { people: rows, nextCursor, memberCount } = await read(cursor);
        expect(memberCount).toBe(7);
        return { rows: rows.map(({ userId }) => userId), nextCursor };
      });
      expect(parts.map((part) => part.length)).toEqual([3, 3, 1]);
      expect(parts.flat()).toEqual(people.map(({ id }) => id).sort());
    }
    const [wanted] = people;
    const found = await readTeam(db, enterprise, { teamId, limit: 3, search: wanted?.id.slice(-6) });
    expect(found.people.map(({ userId }) => userId)).toEqual([wanted?.id]);
  },
);
