import { withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { HOUR_MS, systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, givenUser, readLog, readRoster } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { addMember } from "../members/add-member.ts";
import { changeRole } from "../members/change-role.ts";
import { leaveOrganization } from "../members/leave-organization.ts";
import { removeMember } from "../members/remove-member.ts";
import { lockOrganization } from "../organizations/index.ts";
import { acceptOwnership } from "./accept-ownership.ts";
import { declineOwnership } from "./decline-ownership.ts";
import { offerOwnership } from "./offer-ownership.ts";
import { readOffersTo, readOpenOffer } from "./ownership.queries.ts";
import { revokeOwnership } from "./revoke-ownership.ts";

type Given = { services: Services; owner: OrganizationActor; member: OrganizationActor };

async function given(
  db: Services["db"],
  onTestFinished: (end: () => Promise<void>) => void,
  replaced: Partial<Services> = {},
): Promise<Given> {
  const services = givenServices(db, replaced);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  return { services, owner, member: await givenMember(services, owner, "member") };
}

const offer = ({ services, owner, member }: Given, giverBecomes: "owner" | "admin" = "admin") =>
  offerOwnership(services, owner, { userId: member.userId, giverBecomes });

pgTest(
  "an accepted offer makes the receiver an owner and the giver what they chose",
  async ({ db, onTestFinished }) => {
    for (const giverBecomes of ["admin", "owner"] as const) {
      const here = await given(db, onTestFinished);
      const { services, owner, member } = here;
      const { offerId } = await offer(here, giverBecomes);
      expect(await readOffersTo(db, member.userId, new Date())).toMatchObject([
        { offerId, organizationName: "Acme", fromName: "Owner", giverBecomes, slug: owner.slug },
      ]);
      await acceptOwnership(services, member, { offerId });
      await acceptOwnership(services, member, { offerId });
      expect(await readRoster(db, owner.organizationId)).toEqual({
        [owner.userId]: giverBecomes,
        [member.userId]: "owner",
      });
      expect(await readOffersTo(db, member.userId, new Date())).toEqual([]);
    }
  },
);

pgTest(
  "the whole way stands in the log for owners, in the audit, and in one mail",
  async ({ db, superuserDb, onTestFinished }) => {
    const here = await given(db, onTestFinished);
    const { services, owner, member } = here;
    const { offerId } = await offer(here);
    expect(await offer(here)).toMatchObject({ offerId });
    const origin = { address: "203.0.113.7", userAgent: "Test", requestId: "r" };
    await acceptOwnership(services, { ...member, origin }, { offerId });
    const log = (await readLog(db, owner.organizationId)).slice(2);
    expect(log.map(({ type, audience, actorId }) => [type, audience, actorId])).toEqual([
      ["ownership.offered", ["owner"], owner.userId],
      ["ownership.closed", ["owner"], member.userId],
      ["member.role_changed", expect.any(Array), member.userId],
      ["member.role_changed", expect.any(Array), member.userId],
    ]);
    const audit = await withOrganization(
      db,
      owner.organizationId,
      (tx) => tx.sql<{ action: string; actor_id: string }[]>`
      SELECT action, actor_id FROM audit.entries WHERE action LIKE 'ownership.%' ORDER BY sequence`,
    );
    expect(audit).toMatchObject([
      { action: "ownership.offered", actor_id: owner.userId },
      { action: "ownership.accepted", actor_id: member.userId },
    ]);
    const changes = await withOrganization(
      db,
      owner.organizationId,
      (tx) => tx.sql`
      SELECT subject_id, actor_id, address, before, after FROM audit.entries
       WHERE action = 'member.role_changed' ORDER BY sequence`,
    );
    const byReceiver = { actor_id: member.userId, address: origin.address };
    expect(changes).toEqual([
      { subject_id: member.userId, ...byReceiver, before: { role: "member" }, after: { role: "owner" } },
      { subject_id: owner.userId, ...byReceiver, before: { role: "owner" }, after: { role: "admin" } },
    ]);
    const mails = await superuserDb.sql`SELECT 1 FROM mail.outbox WHERE cause = ${`ownership_offer:${offerId}`}`;
    expect(mails).toHaveLength(1);
  },
);

pgTest("one offer is open at a time; revoked, declined or run out it makes room", async ({ db, onTestFinished }) => {
  let now = new Date("2026-11-22T12:00:00Z");
  const here = await given(db, onTestFinished, { clock: { now: () => now } });
  const { services, owner, member } = here;
  const other = await givenMember(services, owner, "admin");
  const toOther = () => offerOwnership(services, owner, { userId: other.userId, giverBecomes: "owner" });
  const first = await offer(here);
  await expect(toOther()).rejects.toMatchObject({ code: "already_offered" });
  await expect(offer(here, "owner")).rejects.toMatchObject({ code: "already_offered" });
  await revokeOwnership(services, owner, first);
  await revokeOwnership(services, owner, first);
  await expect(acceptOwnership(services, member, first)).rejects.toMatchObject({ code: "offer_gone" });
  const second = await toOther();
  await declineOwnership(services, other, second);
  await expect(revokeOwnership(services, owner, second)).rejects.toMatchObject({ code: "offer_gone" });
  const third = await offer(here);
  now = new Date(now.getTime() + 7 * 24 * HOUR_MS);
  expect(await readOpenOffer(db, owner, now)).toBeNull();
  await expect(acceptOwnership(services, member, third)).rejects.toMatchObject({ code: "offer_gone" });
  const fourth = await toOther();
  await acceptOwnership(services, other, fourth);
  expect((await readRoster(db, owner.organizationId))[other.userId]).toBe("owner");
});

pgTest(
  "an offer dies when the giver stops being an owner or the receiver a member, and does not come back with them",
  async ({ db, onTestFinished }) => {
    const ways: ((here: Given, second: OrganizationActor) => Promise<unknown>)[] = [
      ({ services, owner }, second) => changeRole(services, second, { userId: owner.userId, role: "admin" }),
      ({ services, owner }) => leaveOrganization(services, owner),
      ({ services, member }, second) => removeMember(services, second, { userId: member.userId }),
      ({ services, member }, second) => changeRole(services, second, { userId: member.userId, role: "owner" }),
    ];
    for (const end of ways) {
      const here = await given(db, onTestFinished);
      const second = await givenMember(here.services, here.owner, "owner");
      const { offerId } = await offer(here);
      await end(here, second);
      await comeBack(here, second);
      expect(await readOpenOffer(db, second, systemClock.now())).toBeNull();
      const attempt = acceptOwnership(here.services, here.member, { offerId });
      await expect(attempt).rejects.toMatchObject({ code: "offer_gone" });
    }
  },
);

/** Both are again what they were when the offer was made. */
async function comeBack({ services, owner, member }: Given, second: OrganizationActor): Promise<void> {
  await withOrganization(services.db, owner.organizationId, async (tx) => {
    await lockOrganization(tx);
    for (const { userId: id, name, email, role } of [owner, member]) {
      await addMember(tx, services, { user: { id, name, email }, role, actorId: second.userId });
    }
  });
  for (const { userId, role } of [owner, member]) await changeRole(services, second, { userId, role });
}

pgTest("an offer is nobody’s business but the owners’ and the receiver’s", async ({ db, onTestFinished }) => {
  const here = await given(db, onTestFinished);
  const { services, owner, member } = here;
  const admin = await givenMember(services, owner, "admin");
  const stranger = await givenOrganization(services);
  const made = await offer(here);
  expect(await readOpenOffer(db, admin, new Date())).toBeNull();
  expect(await readOpenOffer(db, member, new Date())).toMatchObject({ isForYou: true, isFromYou: false });
  expect(await readOpenOffer(db, owner, new Date())).toMatchObject({ isForYou: false, isFromYou: true });
  expect(await readOffersTo(db, stranger.userId, new Date())).toEqual([]);
  const attempts = await Promise.allSettled([
    acceptOwnership(services, admin, made),
    declineOwnership(services, admin, made),
    acceptOwnership(services, stranger, made),
    revokeOwnership(services, stranger, made),
  ]);
  for (const attempt of attempts) expect(attempt).toMatchObject({ status: "rejected", reason: { code: "not_found" } });
  await expect(revokeOwnership(services, admin, made)).rejects.toMatchObject({ code: "forbidden" });
  const toStranger = offerOwnership(services, owner, { userId: stranger.userId, giverBecomes: "owner" });
  await expect(toStranger).rejects.toMatchObject({ code: "unknown_member" });
  await expect(
    offerOwnership(services, owner, { userId: (await givenUser(db)).id, giverBecomes: "owner" }),
  ).rejects.toMatchObject({ code: "unknown_member" });
});

pgTest(
  "acceptance against revocation or demotion in the same instant: one of the two, and always an owner",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const there = givenServices(openSecondConnection());
    onTestFinished(() => there.stop());
    const here = await given(db, onTestFinished);
    const { services } = here;
    for (let round = 0; round < 12; round += 1) {
      const owner = await givenOrganization(services);
      const member = await givenMember(services, owner, "member");
      const made = await offerOwnership(services, owner, { userId: member.userId, giverBecomes: "admin" });
      const [accepted, against] = await Promise.allSettled([
        acceptOwnership(services, member, made),
        round % 2 === 0 ? revokeOwnership(there, owner, made) : removeMember(there, owner, { userId: member.userId }),
      ]);
      const isAccepted = accepted.status === "fulfilled";
      expect(against.status).toBe(isAccepted ? "rejected" : "fulfilled");
      const roster = await readRoster(db, owner.organizationId);
      expect(Object.values(roster).filter((role) => role === "owner")).toHaveLength(1);
      expect(roster[isAccepted ? member.userId : owner.userId]).toBe("owner");
    }
  },
);

pgTest(
  "nobody’s mailbox is flooded by offering and revoking in turn: the fifth within an hour is the last",
  async ({ db, superuserDb, onTestFinished }) => {
    let now = new Date();
    const here = await given(db, onTestFinished, { clock: { now: () => now } });
    const { services, owner, member } = here;
    const other = await givenMember(services, owner, "admin");
    const offerAndRevoke = async (userId: string) => {
      const { offerId } = await offerOwnership(services, owner, { userId, giverBecomes: "admin" });
      await revokeOwnership(services, owner, { offerId });
    };
    for (let time = 0; time < 4; time += 1) {
      await offerAndRevoke(member.userId);
      now = new Date(now.getTime() + 60_000);
    }
    const { offerId } = await offer(here);
    // The same offer again is none, and mails nobody.
    expect((await offer(here)).offerId).toBe(offerId);
    await revokeOwnership(services, owner, { offerId });
    await expect(offer(here)).rejects.toMatchObject({
      code: "too_many_attempts",
      details: { retryAfterSeconds: 56 * 60 },
      message:
        "member was offered the ownership 5 times within an hour, and mailed each time. Try again in 56 minutes.",
    });
    await offerAndRevoke(other.userId);
    now = new Date(now.getTime() + HOUR_MS - 4 * 60_000);
    await offerAndRevoke(member.userId);
    await expect(offer(here)).rejects.toMatchObject({ code: "too_many_attempts" });
    const mails = await superuserDb.sql`
    SELECT 1 FROM mail.outbox JOIN ownership_offers o ON cause = 'ownership_offer:' || o.id WHERE o.to_user_id = ${member.userId}`;
    expect(mails).toHaveLength(6);
  },
);
