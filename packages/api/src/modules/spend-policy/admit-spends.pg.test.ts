import { roles } from "@guildhall/auth/permissions";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import fc from "fast-check";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, givenUser } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam, proveAddress } from "../../testing/given-teams.ts";
import type { Services } from "../../trpc/context.ts";
import { addTeamMember } from "../teams/add-team-member.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { limitSpending } from "./limit-spending.ts";
import {
  findSpendRefusal,
  type SpenderFacts,
  type SpendPolicy,
  type SpendRefusal,
  wayToSpend,
} from "./spend-policy.ts";

type Standing = Pick<SpenderFacts, "role" | "isInTeam">;
interface Charge {
  who: number;
  amountMicro: bigint;
  model: string;
}

const limit = (min: bigint) => fc.option(fc.bigInt({ min, max: 60n }), { nil: null });
const policies = fc.record({
  roles: fc.subarray([...roles]),
  teamsMaySpend: fc.boolean(),
  perSpendLimitMicro: limit(1n),
  teamMonthlyLimitMicro: limit(0n),
  models: fc.constantFrom(null, null, ["plain"], ["fancy"]),
});
const charges = fc.array(
  fc.record({
    who: fc.integer({ min: 0, max: 4 }),
    amountMicro: fc.bigInt({ min: 1n, max: 40n }),
    model: fc.constantFrom("plain", "plain", "fancy"),
  }),
  { minLength: 1, maxLength: 12 },
);

/** An owner, a member, a member in the team, somebody in the team only, and a stranger. */
async function givenPeople(services: Services) {
  const owner = await givenOrganization(services);
  await givenCredits(services, owner);
  const enterprise = await givenEnterprise(services, owner);
  const { teamId, person } = await givenTeam(services, enterprise);
  await assignTeam(services, owner, { teamId });
  const member = await givenMember(services, owner, "member");
  const both = await givenMember(services, owner, "billing_admin");
  await proveAddress(services, both);
  await addTeamMember(services, enterprise, { teamId, email: both.email });
  const stranger = await givenUser(services.db, "Stranger");
  const people: (Standing & { id: string })[] = [
    { id: owner.userId, role: "owner", isInTeam: false },
    { id: member.userId, role: "member", isInTeam: false },
    { id: both.userId, role: "billing_admin", isInTeam: true },
    { id: person.id, role: null, isInTeam: true },
    { id: stranger.id, role: null, isInTeam: false },
  ];
  return { owner, people };
}

/** One after the other, as if each were alone: what is admitted through the team counts for the next. */
function judgeInTurn(policy: SpendPolicy, people: Standing[], asked: Charge[]): (SpendRefusal | null)[] {
  let teamSpentMicro = 0n;
  return asked.map(({ who, ...charge }) => {
    const standing = people[who] as Standing;
    const refusal = findSpendRefusal(policy, { ...standing, teamSpentMicro }, charge);
    if (!refusal && wayToSpend(policy, standing) === "team") teamSpentMicro += charge.amountMicro;
    return refusal ?? null;
  });
}

pgTest(
  "the database judges every batch as the policy judges its charges one after the other",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, people } = await givenPeople(services);
    const judgeInDatabase = async (asked: Charge[]) => {
      const answer = new Array<SpendRefusal | null>(asked.length).fill(null);
      const rollBack = new Error("judged");
      await db.sql
        .begin(async (tx) => {
          const rows = await tx<{ place: number; refusal: SpendRefusal }[]>`
            SELECT place, refusal FROM admit_spends(now(), ${asked.map(() => newId())}::uuid[],
                ${asked.map(() => owner.organizationId)}::uuid[], ${asked.map(({ who }) => people[who]?.id ?? "")}::uuid[],
                ${asked.map(({ amountMicro }) => String(amountMicro))}::bigint[], ${asked.map(({ model }) => model)}::text[])`;
          for (const { place, refusal } of rows) answer[place - 1] = refusal;
          throw rollBack;
        })
        .catch((error: unknown) => {
          if (error !== rollBack) throw error;
        });
      return answer;
    };
    const property = fc.asyncProperty(
      policies,
      fc.array(charges, { minLength: 3, maxLength: 3 }),
      async (policy, batches) => {
        await limitSpending(services, owner, policy);
        for (const asked of batches) expect(await judgeInDatabase(asked)).toEqual(judgeInTurn(policy, people, asked));
      },
    );
    await fc.assert(property, { numRuns: 40 });
  },
);
