import { type Database, withOrganization } from "@guildhall/db";
import { memberSpending } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, HOUR_MS, isDomainError, newId } from "@guildhall/shared";
import fc from "fast-check";
import { expect, onTestFinished } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam } from "../../testing/given-teams.ts";
import { monthOf } from "../allowances/index.ts";
import { setAllowance } from "../allowances/set-allowance.ts";
import { limitSpending } from "../spend-policy/limit-spending.ts";
import { defaultSpendPolicy } from "../spend-policy/spend-policy.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { releaseHold, settleHold } from "../wallets/index.ts";
import { createPlaceHold } from "./place-hold.ts";
import { createRecordUsage } from "./record-usage.ts";
import { reverseUsage } from "./reverse-usage.ts";
import { verifyWallets } from "./verify-wallets.ts";

const ALLOWANCE_MICRO = 120n;

/** What a course has come to: what each month counts for a person, as one would keep it on paper. */
interface Course {
  spent: Map<string, bigint>;
  uses: { id: string; who: number; amountMicro: bigint; month: string }[];
  holds: { holdId: string; who: number; mostMicro: bigint; month: string; endsMs: number }[];
}

type Step = (real: Awaited<ReturnType<typeof givenReal>>, course: Course) => Promise<void>;

async function givenReal(db: Database) {
  let nowMs = Date.parse("2031-01-29T12:00:00Z");
  const services = givenServices(db, { clock: { now: () => new Date(nowMs) } });
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  await givenCredits(services, owner);
  const member = await givenMember(services, owner, "member");
  const { teamId, person } = await givenTeam(services, await givenEnterprise(services, owner));
  await assignTeam(services, owner, { teamId });
  await setAllowance(services, owner, { allowanceMicro: ALLOWANCE_MICRO });
  await limitSpending(services, owner, { ...defaultSpendPolicy, teamMonthlyLimitMicro: 100n });
  return {
    ...{ db, services, owner, people: [member.email, person.email], ids: [member.userId, person.id] },
    ...{ placeHold: createPlaceHold(services), recordUsage: createRecordUsage(services) },
    now: () => new Date(nowMs),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

/** Counts for a person; what a limit must refuse is refused, and counts nothing. */
async function count(
  { now }: { now(): Date },
  { spent }: Course,
  { who, amountMicro, act }: { who: number; amountMicro: bigint; act: () => Promise<void> },
): Promise<void> {
  const place = `${who} ${monthOf(now())}`;
  const sum = (spent.get(place) ?? 0n) + amountMicro;
  const isWithin = sum <= (who === 1 ? 100n : ALLOWANCE_MICRO);
  const refusal = await act().catch((error: unknown) => error);
  if (refusal !== undefined && !isDomainError(refusal)) throw refusal;
  expect(refusal === undefined, `${sum} of ${place}`).toBe(isWithin);
  if (isWithin) spent.set(place, sum);
}

function give({ spent }: Course, { who, month }: { who: number; month: string }, amountMicro: bigint): void {
  const place = `${who} ${month}`;
  spent.set(place, (spent.get(place) ?? 0n) - amountMicro);
}

/** Holds that are due have given everything back, at the latest when somebody looks. */
async function endDue(real: Parameters<Step>[0], course: Course): Promise<void> {
  await real.services.ledger.expireDue();
  for (const due of course.holds.filter(({ endsMs }) => endsMs <= real.now().getTime())) {
    give(course, due, due.mostMicro);
    course.holds.splice(course.holds.indexOf(due), 1);
  }
}

const who = fc.nat(1);
const micro = fc.integer({ min: 1, max: 40 });
const steps: fc.Arbitrary<Step>[] = [
  fc.tuple(who, micro, fc.boolean()).map(([who, tokens, isHashed]) => async (real, course) => {
    const idempotencyKey = isHashed ? `job ${newId()}` : newId();
    const use = { agent: "a", model: "plain", inputTokens: tokens, outputTokens: 0, member: real.people[who] };
    await count(real, course, {
      who,
      amountMicro: BigInt(tokens),
      act: async () => {
        const { id } = await real.recordUsage({ ...real.owner, apiKeyId: null }, { ...use, idempotencyKey } as never);
        course.uses.push({ id, who, amountMicro: BigInt(tokens), month: monthOf(real.now()) });
      },
    });
  }),
  fc
    .tuple(who, micro, fc.nat(40), fc.integer({ min: 1, max: 48 }))
    .map(([who, most, more, hours]) => async (real, course) => {
      const [amountMicro, toleranceMicro] = [BigInt(most), BigInt(Math.min(more, most))];
      await count(real, course, {
        who,
        amountMicro: amountMicro + toleranceMicro,
        act: async () => {
          const { holdId } = await real.placeHold(real.owner, {
            ...{
              amountMicro,
              toleranceMicro,
              description: "A job",
              ttlSeconds: hours * 3_600,
              idempotencyKey: newId(),
            },
            member: real.people[who],
          });
          const endsMs = real.now().getTime() + hours * HOUR_MS;
          course.holds.push({
            holdId,
            who,
            mostMicro: amountMicro + toleranceMicro,
            month: monthOf(real.now()),
            endsMs,
          });
        },
      });
    }),
  fc.tuple(fc.nat(99), fc.integer({ min: 0, max: 100 })).map(([at, percent]) => async (real, course) => {
    const [hold] = course.holds.splice(at % Math.max(course.holds.length, 1), 1);
    if (!hold) return;
    const amountMicro = (hold.mostMicro * BigInt(percent)) / 100n;
    const end = { holdId: hold.holdId, idempotencyKey: newId() };
    if (percent === 0) await releaseHold(real.services, real.owner, end);
    else await settleHold(real.services, real.owner, { ...end, amountMicro, description: "Done" });
    give(course, hold, hold.mostMicro - amountMicro);
  }),
  fc.nat(99).map((at) => async (real, course) => {
    const [use] = course.uses.splice(at % Math.max(course.uses.length, 1), 1);
    if (!use) return;
    await reverseUsage(real.services, real.owner, { usageId: use.id, reason: "Wrong", idempotencyKey: newId() });
    give(course, use, use.amountMicro);
  }),
  fc.constantFrom(HOUR_MS, DAY_MS, 2 * DAY_MS).map((ms) => async (real, course) => {
    real.pass(ms);
    await endDue(real, course);
  }),
];

pgTest(
  "C10 any course of uses, holds, their ends, corrections and months counts for each person what was used, and proves itself",
  { timeout: 300_000 },
  async ({ db }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...steps), { minLength: 5, maxLength: 25 }), async (course) => {
        const [real, paper] = [await givenReal(db), { spent: new Map(), uses: [], holds: [] } as Course];
        for (const step of course) await step(real, paper);
        const counts = await withOrganization(db, real.owner.organizationId, (tx) =>
          tx.db.select().from(memberSpending),
        );
        const counted = counts.map(
          (row) => [`${real.ids.indexOf(row.memberId)} ${row.month}`, row.spentMicro] as const,
        );
        expect(new Map(counted)).toEqual(paper.spent);
        expect(await verifyWallets(db, { bookId: real.owner.organizationId })).toEqual([]);
      }),
      { numRuns: 15 },
    );
  },
);
