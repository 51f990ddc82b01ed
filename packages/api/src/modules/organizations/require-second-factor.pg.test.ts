import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { describe, expect, onTestFinished } from "vitest";
import { callingAs } from "../../testing/calling.ts";
import { givenMember, givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { followAsMember } from "../live/follow-as-member.ts";
import { readActor } from "./read-actor.ts";
import { requireSecondFactor } from "./require-second-factor.ts";

const required = { code: "second_factor_required" };

function given(db: Database) {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  return services;
}

function userOf({ userId: id, name, email }: OrganizationActor): User {
  return { id, name, email, isPlatformAdmin: false };
}

/** As the verbs of the second factor leave it. */
async function setFactor({ db }: Services, { userId }: OrganizationActor, has: boolean): Promise<void> {
  await db.sql`UPDATE users SET second_factor_since = ${has ? new Date() : null} WHERE id = ${userId}`;
}

async function givenStrict(services: Services) {
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  await setFactor(services, owner, true);
  await requireSecondFactor(services, owner, { isRequired: true });
  return { owner, member };
}

describe("an organization that requires a second factor", () => {
  pgTest("keeps out members who have none, from every procedure, and lets them in with one", async ({ db }) => {
    const services = given(db);
    const { owner, member } = await givenStrict(services);
    const asMember = callingAs(services, userOf(member));
    const organization = owner.slug;
    for (const call of [
      () => asMember.organizations.get({ organization }),
      () => asMember.members.list({ organization }),
      () => asMember.wallets.summary({ organization }),
    ])
      await expect(call()).rejects.toMatchObject({ cause: required });
    await setFactor(services, member, true);
    expect((await asMember.organizations.get({ organization })).requiresSecondFactor).toBe(true);
    // A stranger learns nothing of the requirement.
    const stranger = await givenOrganization(services);
    expect(await readActor(db, userOf(stranger), organization)).toBeUndefined();
  });

  pgTest("cannot be made by an owner who has none, nor by who is no owner", async ({ db }) => {
    const services = given(db);
    const owner = await givenOrganization(services);
    const admin = await givenMember(services, owner, "admin");
    await setFactor(services, admin, true);
    const asked = { isRequired: true };
    await expect(requireSecondFactor(services, owner, asked)).rejects.toMatchObject({ code: "second_factor_missing" });
    await expect(requireSecondFactor(services, admin, asked)).rejects.toMatchObject({ code: "forbidden" });
    expect(
      (await callingAs(services, userOf(owner)).organizations.get({ organization: owner.slug })).requiresSecondFactor,
    ).toBe(false);
  });

  pgTest("is announced and audited once; the lacking hear it as the last thing", async ({ db, superuserDb }) => {
    const services = given(db);
    const { owner, member } = await givenStrict(services);
    await requireSecondFactor(services, owner, { isRequired: true });
    const log = await readLog(db, owner.organizationId);
    expect(log.slice(2).map(({ type, audience }) => [type, audience])).toEqual([
      ["organization.second_factor_changed", null],
      ["member.suspended", []],
    ]);
    expect(log.at(-1)?.payload).toEqual({ userId: member.userId });
    const entries = await superuserDb.sql`SELECT action, after FROM audit.entries
      WHERE scope_id = ${owner.organizationId} AND action = 'organization.second_factor_changed'`;
    expect(entries).toMatchObject([{ after: { isRequired: true } }]);
  });

  pgTest("ends the open streams of who has none, exactly there", async ({ db }) => {
    const services = given(db);
    const owner = await givenOrganization(services);
    const member = await givenMember(services, owner, "member");
    await setFactor(services, owner, true);
    const signal = AbortSignal.timeout(30_000);
    const seen: string[] = [];
    const following = (async () => {
      for await (const { frame } of followAsMember(services, member, { lastEventId: "2", signal }))
        seen.push(frame.type);
    })();
    await requireSecondFactor(services, owner, { isRequired: true });
    await requireSecondFactor(services, owner, { isRequired: false });
    await following;
    expect(seen).toEqual(["organization.second_factor_changed", "member.suspended"]);
    expect(signal.aborted).toBe(false);
  });

  pgTest("refuses a new stream to who has none", async ({ db }) => {
    const services = given(db);
    const { member } = await givenStrict(services);
    const signal = AbortSignal.timeout(30_000);
    const follow = followAsMember(services, member, { lastEventId: null, signal }).next();
    await expect(follow).rejects.toMatchObject(required);
  });

  pgTest("shows managers who lacks one, and nobody else", async ({ db }) => {
    const services = given(db);
    const owner = await givenOrganization(services);
    const member = await givenMember(services, owner, "member");
    await setFactor(services, owner, true);
    const list = (actor: OrganizationActor) =>
      callingAs(services, userOf(actor)).members.list({ organization: owner.slug });
    expect((await list(owner)).map(({ hasSecondFactor }) => hasSecondFactor)).toEqual([true, false]);
    expect((await list(member)).map(({ hasSecondFactor }) => hasSecondFactor)).toEqual([undefined, undefined]);
  });
});
