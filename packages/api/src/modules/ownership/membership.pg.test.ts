import { type Role, roles } from "@guildhall/auth";
import { pgTest } from "@guildhall/db/testing";
import fc from "fast-check";
import { expect } from "vitest";
import { givenServices, readRoster } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { deleteAccount } from "../identity/delete-account.ts";
import { changeRole } from "../members/change-role.ts";
import { leaveOrganization } from "../members/leave-organization.ts";
import { removeMember } from "../members/remove-member.ts";
import { removeMembers } from "../members/remove-members.ts";
import { acceptOwnership } from "./accept-ownership.ts";
import { declineOwnership } from "./decline-ownership.ts";
import { offerOwnership } from "./offer-ownership.ts";
import { readOpenOffer } from "./ownership.queries.ts";
import { revokeOwnership } from "./revoke-ownership.ts";
import { answerOf, cheapPasswords, givenPeople, letIn, PASSWORD, type People } from "./testing/given-people.ts";
import { type Answer, MembershipModel } from "./testing/membership-model.ts";

const PEOPLE = 5;

interface Real {
  services: Services;
  people: People;
  offerId: string | null;
}

type Step = (real: Real) => Promise<Answer | Answer[]>;
type Expected = (model: MembershipModel) => Answer | Answer[];

/** One call: what the model says of it, and what the product does. Afterwards both must hold the same roster and offer. */
class Call implements fc.AsyncCommand<MembershipModel, Real> {
  readonly #text: string;
  readonly #expected: Expected;
  readonly #step: Step;
  readonly #needsOffer: boolean;

  constructor(
    text: string,
    { expected, step, needsOffer = false }: { expected: Expected; step: Step; needsOffer?: boolean },
  ) {
    this.#text = text;
    this.#expected = expected;
    this.#step = step;
    this.#needsOffer = needsOffer;
  }

  check(model: Readonly<MembershipModel>): boolean {
    return !this.#needsOffer || model.offer !== null;
  }

  async run(model: MembershipModel, real: Real): Promise<void> {
    const expected = this.#expected(model);
    expect(await this.#step(real), this.#text).toEqual(expected);
    await expectSame(model, real);
  }

  toString(): string {
    return this.#text;
  }
}

async function expectSame(model: MembershipModel, { services, people }: Real): Promise<void> {
  const rows = Object.entries(await readRoster(services.db, people.organizationId));
  const roster = new Map(rows.map(([userId, role]) => [people.numberOf(userId), role] as const));
  expect(new Map([...roster].sort())).toEqual(new Map([...model.roster].sort()));
  expect([...roster.values()]).toContain("owner");
  const owner = [...roster].find(([, role]) => role === "owner")?.[0] ?? 0;
  const seen = await readOpenOffer(services.db, { ...actor(people, owner), role: "owner" }, services.clock.now());
  const offer = seen && {
    from: people.numberOf(seen.fromUserId),
    to: people.numberOf(seen.toUserId),
    giverBecomes: seen.giverBecomes,
  };
  expect(offer).toEqual(model.offer);
}

const actor = (people: People, person: number) => people.actors[person] as OrganizationActor;
const idOf = (people: People, person: number) => actor(people, person).userId;

const person = fc.nat({ max: PEOPLE - 1 });
const role = fc.constantFrom<Role>(...roles);
const becomes = fc.constantFrom("owner" as const, "admin" as const);

const calls = [
  fc.tuple(person, role).map(
    ([who, as]) =>
      new Call(`let ${who} in as ${as}`, {
        expected: (model) => model.add(who, as),
        step: ({ services, people }) => answerOf(letIn(services, people, { person: who, role: as })),
      }),
  ),
  fc.tuple(person, person, role).map(
    ([by, who, as]) =>
      new Call(`${by} makes ${who} ${as}`, {
        expected: (model) => model.changeRole(by, who, as),
        step: ({ services, people }) =>
          answerOf(changeRole(services, actor(people, by), { userId: idOf(people, who), role: as })),
      }),
  ),
  fc.tuple(person, person).map(
    ([by, who]) =>
      new Call(`${by} removes ${who}`, {
        expected: (model) => model.remove(by, who),
        step: ({ services, people }) =>
          answerOf(removeMember(services, actor(people, by), { userId: idOf(people, who) })),
      }),
  ),
  fc.tuple(person, fc.uniqueArray(person, { minLength: 1 })).map(
    ([by, those]) =>
      new Call(`${by} removes ${those}`, {
        expected: (model) => model.removeMany(by, those),
        step: ({ services, people }) => removeThose(services, people, { by, those }),
      }),
  ),
  person.map(
    (who) =>
      new Call(`${who} leaves`, {
        expected: (model) => model.leave(who),
        step: ({ services, people }) => answerOf(leaveOrganization(services, actor(people, who))),
      }),
  ),
  person.map(
    (who) =>
      new Call(`${who} deletes the account`, {
        expected: (model) => (model.deleted.has(who) ? "invalid_credentials" : model.deleteAccount(who)),
        step: ({ services, people }) => answerOf(deleteOf(services, people, who)),
      }),
  ),
  fc.tuple(person, person, becomes).map(
    ([by, to, giverBecomes]) =>
      new Call(`${by} offers to ${to}, becomes ${giverBecomes}`, {
        expected: (model) => model.makeOffer(by, to, giverBecomes),
        step: async (real) => {
          const { services, people } = real;
          const made = offerOwnership(services, actor(people, by), { userId: idOf(people, to), giverBecomes });
          return answerOf(made.then(({ offerId }) => Object.assign(real, { offerId })));
        },
      }),
  ),
  ...[
    { verb: acceptOwnership, named: "accepts", say: (model: MembershipModel, by: number) => model.accept(by) },
    { verb: declineOwnership, named: "declines", say: (model: MembershipModel, by: number) => model.decline(by) },
    { verb: revokeOwnership, named: "revokes", say: (model: MembershipModel, by: number) => model.revoke(by) },
  ].map(({ verb, named, say }) =>
    person.map(
      (by) =>
        new Call(`${by} ${named}`, {
          expected: (model) => say(model, by),
          step: ({ services, people, offerId }) =>
            answerOf(verb(services, actor(people, by), { offerId: offerId ?? "" })),
          needsOffer: true,
        }),
    ),
  ),
];

/** One answer each, in the order in which they are decided: the actor last. */
async function removeThose(services: Services, people: People, { by, those }: { by: number; those: number[] }) {
  const userIds = those.map((who) => idOf(people, who));
  try {
    const outcomes = await removeMembers(services, actor(people, by), { userIds });
    return outcomes.map((one) => (one.outcome === "refused" ? one.code : "ok"));
  } catch (error) {
    return answerOf(Promise.reject(error));
  }
}

function deleteOf(services: Services, people: People, who: number): Promise<void> {
  const user = people.userOf(who);
  return deleteAccount(services, user, { email: user.email, password: PASSWORD });
}

pgTest(
  "whatever people do one after the other, roster and offer are what the rules say, and there is an owner",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db, { passwords: cheapPasswords });
    onTestFinished(() => services.stop());
    await fc.assert(
      fc.asyncProperty(fc.commands(calls, { maxCommands: 30, size: "max" }), async (commands) => {
        const people = await givenPeople(services, PEOPLE);
        const setup = () => ({ model: new MembershipModel(), real: { services, people, offerId: null } as Real });
        await fc.asyncModelRun(setup, commands);
      }),
      { numRuns: 25 },
    );
  },
  120_000,
);

/** What two people do in the same instant, each over a connection of their own. */
const mostlyOwners = fc.constantFrom(0, 1, 0, 1, 0, 1, 2, 3);
const doing = fc.constantFrom("demote", "demote", "remove", "remove", "leave", "delete", "let in", "bulk", "accept");
const race = fc.tuple(mostlyOwners, mostlyOwners, doing);
const ROUNDS = 500;

pgTest(
  "500 rounds of two calls in the same instant: never without an owner, never two memberships, never a deleted member",
  async ({ db, openSecondConnection, superuserDb, onTestFinished }) => {
    const here = givenServices(db, { passwords: cheapPasswords });
    const there = givenServices(openSecondConnection(), { passwords: cheapPasswords });
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const people = await givenPeople(here, PEOPLE);
    const rounds = fc.sample(fc.tuple(race, race), { numRuns: ROUNDS, seed: 20_261_122 });
    const answers = new Map<string, number>();
    for (const [one, other] of rounds) {
      await startAnew(superuserDb.sql, people);
      const offer = await offerOwnership(here, actor(people, 0), { userId: idOf(people, 3), giverBecomes: "admin" });
      const both = await Promise.all([
        answerOf(act(here, people, { doing: one, ...offer })),
        answerOf(act(there, people, { doing: other, ...offer })),
      ]);
      for (const answer of both) answers.set(answer, (answers.get(answer) ?? 0) + 1);
      const rows = await superuserDb.sql<{ user_id: string; role: string; deleted: boolean; counted: number }[]>`
        SELECT m.user_id, m.role, u.deleted_at IS NOT NULL AS deleted, o.member_count AS counted
          FROM members m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.organization_id
         WHERE m.organization_id = ${people.organizationId}`;
      const facts = JSON.stringify({ one, other, both, rows });
      expect(rows.filter((row) => row.role === "owner").length, facts).toBeGreaterThan(0);
      expect(new Set(rows.map((row) => row.user_id)).size, facts).toBe(rows.length);
      expect(
        rows.every((row) => !row.deleted && row.counted === rows.length),
        facts,
      ).toBe(true);
    }
    // The rounds were races: some won, and of those who lost some were the last owner.
    expect(answers.get("ok")).toBeGreaterThan(ROUNDS / 4);
    expect(answers.get("last_owner")).toBeGreaterThan(ROUNDS / 20);
  },
  120_000,
);

type Doing = [by: number, to: number, what: string];

async function act(
  services: Services,
  people: People,
  { doing, offerId }: { doing: Doing; offerId: string },
): Promise<unknown> {
  const [by, to, what] = doing;
  const [me, userId] = [actor(people, by), idOf(people, to)];
  switch (what) {
    case "demote":
      return changeRole(services, me, { userId, role: "member" });
    case "remove":
      return removeMember(services, me, { userId });
    case "leave":
      return leaveOrganization(services, me);
    case "delete":
      return deleteOf(services, people, by);
    case "let in":
      return letIn(services, people, { person: 4, role: "owner" });
    case "bulk":
      return removeMembers(services, me, { userIds: people.actors.map((one) => one.userId) });
    default:
      return acceptOwnership(services, actor(people, 3), { offerId });
  }
}

/** Two owners, an admin, a member, and one who is not in it; everybody alive and an enterprise admin, nothing offered. */
async function startAnew(sql: Services["db"]["sql"], { organizationId, actors }: People): Promise<void> {
  const standing = ["owner", "owner", "admin", "member"];
  const ids = actors.map(({ userId }) => userId);
  const passwordHash = await cheapPasswords.hash(PASSWORD);
  await sql.begin(async (tx) => {
    // Not only closed: how often somebody was offered it lately counts.
    await tx`DELETE FROM ownership_offers WHERE organization_id = ${organizationId}`;
    await tx`DELETE FROM members WHERE organization_id = ${organizationId}`;
    await tx`
      UPDATE users SET deleted_at = NULL, email = given.email, password_hash = ${passwordHash}
        FROM unnest(${ids}::uuid[], ${actors.map(({ email }) => email)}::text[]) AS given(id, email)
       WHERE users.id = given.id`;
    await tx`
      INSERT INTO enterprise_admins (enterprise_id, user_id, created_at)
      SELECT o.enterprise_id, given.id, now() FROM organizations o, unnest(${ids}::uuid[]) AS given(id)
       WHERE o.id = ${organizationId} ON CONFLICT DO NOTHING`;
    await tx`
      INSERT INTO members (organization_id, user_id, role, created_at)
      SELECT ${organizationId}, given.id, given.role, now()
        FROM unnest(${ids.slice(0, standing.length)}::uuid[], ${standing}::text[]) AS given(id, role)`;
  });
}
