import { type Database, withOrganization } from "@guildhall/db";
import { seats } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { deleteAccount } from "../identity/delete-account.ts";
import { changeRole } from "./change-role.ts";
import { openMemberExport } from "./export-members.ts";
import { leaveOrganization } from "./leave-organization.ts";
import { memberSorts } from "./member-order.ts";
import { type MemberSeat, memberSeats } from "./member-seat.ts";
import { type MemberFilter, readMemberPage, readMembers } from "./members.queries.ts";
import { removeMember } from "./remove-member.ts";

type Status = Exclude<MemberSeat, "none">;

const PASSWORD = "correct horse battery";

/** Seats as the tables' owner writes them: the app may not. */
async function givenSeat(ownerDb: Database, { organizationId, userId }: OrganizationActor, status: Status) {
  const assignedAt = new Date();
  await withOrganization(ownerDb, organizationId, (tx) =>
    tx.db.insert(seats).values({ organizationId, userId, status, assignedAt, changedAt: assignedAt }),
  );
}

/** An organization with two more members for each way a seat can stand. By seat, who that is; the owner has none. */
async function givenSeats(services: Services, ownerDb: Database) {
  const owner = await givenOrganization(services);
  const ids: Record<MemberSeat, string[]> = { active: [], suspended: [], revoked: [], none: [owner.userId] };
  for (const role of ["admin", "member"] as const) {
    for (const seat of memberSeats) {
      const member = await givenMember(services, owner, role);
      if (seat !== "none") await givenSeat(ownerDb, member, seat);
      ids[seat].push(member.userId);
    }
  }
  return { owner, ids };
}

/** Everybody of a filter, walked in pages of one. */
async function walk(
  db: Database,
  owner: OrganizationActor,
  wanted: MemberFilter & { sort: "role" | "name" | "joined" },
) {
  const walked: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await readMemberPage(db, owner, { ...wanted, order: "desc", cursor, limit: 1 });
    walked.push(...page.items.map(({ userId }) => userId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return walked.sort();
}

pgTest("S2.25 members are found by how their seat stands, page by page", async ({ db, ownerDb, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner, ids } = await givenSeats(services, ownerDb);
  const elsewhere = await givenSeats(services, ownerDb);
  for (const seat of memberSeats) {
    const wanted = [...ids[seat]].sort();
    for (const sort of memberSorts) expect(await walk(db, owner, { seat, sort }), `${seat} ${sort}`).toEqual(wanted);
    const page = await readMemberPage(db, owner, { seat, sort: "role", order: "asc", limit: 50 });
    expect(page).toMatchObject({ total: wanted.length, ownerCount: 1 });
    expect(page.items.map((member) => member.seat)).toEqual(wanted.map(() => seat));
    expect((await readMembers(db, owner, { seat })).map(({ userId }) => userId).sort()).toEqual(wanted);
    const user = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
    const order = { sort: "name", order: "asc" } as const;
    const { pages, totalRows } = await openMemberExport(services, user, { slug: owner.slug, seat, ...order });
    const exported = (await Array.fromAsync(pages)).flat();
    expect([totalRows, exported.map(({ userId }) => userId).sort()]).toEqual([wanted.length, wanted]);
    expect(new Set(exported.map((member) => member.seat))).toEqual(new Set([seat]));
  }
  const all = await readMemberPage(db, owner, { sort: "role", order: "asc", limit: 50 });
  expect(all.total).toBe(9);
  expect(all.items.map(({ userId }) => userId)).not.toContain(elsewhere.owner.userId);
  const both = await readMembers(db, owner, { role: "member", seat: "suspended" });
  expect(both.map(({ userId, seat }) => [userId, seat])).toEqual([[ids.suspended[1], "suspended"]]);
});

pgTest("S2.25 a person's seat elsewhere is none here", async ({ db, ownerDb, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const [here, there] = [await givenOrganization(services), await givenOrganization(services)];
  const member = await givenMember(services, here, "member");
  await withOrganization(
    ownerDb,
    there.organizationId,
    (tx) => tx.sql`INSERT INTO members (organization_id, user_id, role, created_at)
      VALUES (${there.organizationId}, ${member.userId}, 'member', now())`,
  );
  await givenSeat(ownerDb, { ...there, userId: member.userId }, "active");
  const seatIn = async (organization: OrganizationActor) =>
    (await readMembers(db, organization, {})).find(({ userId }) => userId === member.userId)?.seat;
  expect([await seatIn(here), await seatIn(there)]).toEqual(["none", "active"]);
});

pgTest(
  "a seat outlives a change of role and goes with the membership, however that ends",
  async ({ db, ownerDb, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const [removed, left, deleted] = [
      await givenMember(services, owner, "member"),
      await givenMember(services, owner, "member"),
      await givenMember(services, owner, "member"),
    ];
    for (const member of [removed, left, deleted]) await givenSeat(ownerDb, member, "active");
    await changeRole(services, owner, { userId: removed.userId, role: "admin" });
    const [admin] = await readMembers(db, owner, { role: "admin" });
    expect(admin).toMatchObject({ userId: removed.userId, seat: "active" });

    await removeMember(services, owner, { userId: removed.userId });
    await leaveOrganization(services, left);
    const { userId: id, name, email } = deleted;
    await db.sql`UPDATE users SET password_hash = ${await services.passwords.hash(PASSWORD)} WHERE id = ${id}`;
    await deleteAccount(services, { id, name, email, isPlatformAdmin: false }, { email, password: PASSWORD });
    expect(await superuserDb.sql`SELECT 1 FROM seats WHERE organization_id = ${owner.organizationId}`).toEqual([]);
  },
);

pgTest("the app reads seats and writes none", async ({ db, ownerDb, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const other = await givenOrganization(services);
  await givenSeat(ownerDb, owner, "suspended");
  const inOwn = (text: string) => withOrganization(db, owner.organizationId, (tx) => tx.sql.unsafe(text));
  expect(await inOwn("SELECT status FROM seats")).toEqual([{ status: "suspended" }]);
  expect(await withOrganization(db, other.organizationId, (tx) => tx.sql`SELECT 1 FROM seats`)).toEqual([]);
  const { organizationId, userId } = owner;
  for (const write of [
    "UPDATE seats SET status = 'active'",
    "DELETE FROM seats",
    `INSERT INTO seats VALUES ('${organizationId}', '${userId}', 'active', now(), now())`,
  ]) {
    await expect(inOwn(write), write).rejects.toMatchObject({ code: "42501" });
  }
});
