import { withOrganization } from "@guildhall/db";
import { memberSpending, teamSpending } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam, spenderOf } from "../../testing/given-teams.ts";
import { lockOrganization } from "../organizations/index.ts";
import { limitSpending } from "../spend-policy/limit-spending.ts";
import { defaultSpendPolicy } from "../spend-policy/spend-policy.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { releaseHold, settleHold } from "../wallets/index.ts";
import { createPlaceHold } from "./place-hold.ts";

pgTest(
  "C10 while somebody changes the organization, its members and teams go on spending: their first of a month, too",
  async ({ db, openSecondConnection }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    await givenCredits(services, owner);
    const member = await givenMember(services, owner, "member");
    const { teamId, person } = await givenTeam(services, await givenEnterprise(services, owner));
    await assignTeam(services, owner, { teamId });
    await limitSpending(services, owner, { ...defaultSpendPolicy, teamMonthlyLimitMicro: 1_000n });
    const [use, placeHold] = [spenderOf(services, owner), createPlaceHold(services)];
    const hold = ({ email }: { email: string }) =>
      placeHold(owner, {
        ...{ amountMicro: 10n, description: "A job", ttlSeconds: 60, toleranceMicro: 0n, idempotencyKey: newId() },
        ...{ member: email, model: "plain" },
      });

    // The other one keeps the row until all of this is done: whatever waited for it would wait for ever.
    await withOrganization(openSecondConnection(), owner.organizationId, async (tx) => {
      await lockOrganization(tx);
      const [settled, released] = [await hold(member), await hold(person)];
      await use(owner, 3);
      const end = { description: "Done", idempotencyKey: newId() };
      await settleHold(services, owner, { ...end, holdId: settled.holdId, amountMicro: 4n });
      await releaseHold(services, owner, { holdId: released.holdId, idempotencyKey: newId() });
      await use(person, 5);
    });

    await withOrganization(db, owner.organizationId, async (tx) => {
      const spent = await tx.db.select().from(memberSpending);
      const byMember = new Map(spent.map(({ memberId, spentMicro }) => [memberId, spentMicro]));
      expect([member.userId, owner.userId, person.id].map((id) => byMember.get(id))).toEqual([4n, 3n, 5n]);
      expect((await tx.db.select().from(teamSpending)).map(({ spentMicro }) => spentMicro)).toEqual([5n]);
    });
  },
);
