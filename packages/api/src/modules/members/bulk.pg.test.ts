import { withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, readLog, readRoster } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { changeRole } from "./change-role.ts";
import { changeRoles } from "./change-roles.ts";
import { openMemberExport } from "./export-members.ts";
import { leaveOrganization } from "./leave-organization.ts";
import { memberSorts } from "./member-order.ts";
import { readMemberPage, readMembers } from "./members.queries.ts";
import { removeMember } from "./remove-member.ts";
import { removeMembers } from "./remove-members.ts";

/** What the audit log says, oldest first: the action, of whom, before and after. */
async function readAudit(services: Services, { organizationId }: OrganizationActor) {
  return withOrganization(
    services.db,
    organizationId,
    (tx) => tx.sql<{ action: string; subject_label: string; before: unknown; after: unknown }[]>`
      SELECT action, subject_label, before, after FROM audit.entries ORDER BY sequence`,
  );
}

pgTest(
  "S2.14 many roles change in one transaction: who may not be changed is named, the others are changed and announced",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const admin = await givenMember(services, owner, "admin");
    const [one, two] = [await givenMember(services, owner, "member"), await givenMember(services, owner, "member")];
    const stranger = newId();
    const people = [owner.userId, one.userId, two.userId, stranger, one.userId, admin.userId];
    const changes = people.map((userId) => ({ userId, role: "admin" as const }));
    const outcomes = await changeRoles(services, admin, { changes });
    expect(outcomes).toMatchObject([
      { userId: owner.userId, outcome: "refused", code: "role_above_own", previousRole: "owner" },
      { userId: one.userId, outcome: "done", previousRole: "member", name: "member" },
      { userId: two.userId, outcome: "done", previousRole: "member" },
      { userId: stranger, outcome: "refused", code: "not_found", message: "This person is no member (any more)." },
      { userId: admin.userId, outcome: "unchanged", previousRole: "admin" },
    ]);
    expect(Object.values(await readRoster(db, owner.organizationId)).sort()).toEqual([
      "admin",
      "admin",
      "admin",
      "owner",
    ]);
    const log = await readLog(db, owner.organizationId);
    expect(log.slice(4).map(({ type, payload }) => [type, payload])).toEqual([
      ["member.role_changed", { userId: one.userId, role: "admin", previousRole: "member" }],
      ["member.role_changed", { userId: two.userId, role: "admin", previousRole: "member" }],
    ]);
    expect((await readAudit(services, owner)).slice(-2)).toMatchObject([
      { action: "member.role_changed", before: { role: "member" }, after: { role: "admin" } },
      { action: "member.role_changed" },
    ]);
  },
);

pgTest(
  "owners who demote all owners at once, themselves included, leave themselves",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const second = await givenMember(services, owner, "owner");
    const changes = [owner, second].map(({ userId }) => ({ userId, role: "member" as const }));
    const outcomes = await changeRoles(services, owner, { changes });
    expect(outcomes.map((each) => ("code" in each ? each.code : each.outcome))).toEqual(["last_owner", "done"]);
    const removed = await removeMembers(services, owner, { userIds: [owner.userId, second.userId] });
    expect(removed.map((each) => ("code" in each ? each.code : each.outcome)).sort()).toEqual(["done", "last_owner"]);
    expect(await readRoster(db, owner.organizationId)).toEqual({ [owner.userId]: "owner" });
  },
);

pgTest("an undo gives back only what nobody else has changed meanwhile", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  await changeRole(services, owner, { userId: member.userId, role: "billing_admin" });
  const undo = changeRole(services, owner, { userId: member.userId, role: "member", from: "admin" });
  await expect(undo).rejects.toMatchObject({ code: "changed_meanwhile" });
  await changeRole(services, owner, { userId: member.userId, role: "member", from: "billing_admin" });
  expect((await readRoster(db, owner.organizationId))[member.userId]).toBe("member");
});

pgTest(
  "S2.14 many are removed in one transaction; each gets one mail, and a second sending removes nobody",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const people = [await givenMember(services, owner, "admin"), await givenMember(services, owner, "member")];
    const userIds = people.map(({ userId }) => userId);
    expect((await removeMembers(services, owner, { userIds })).map(({ outcome }) => outcome)).toEqual(["done", "done"]);
    const again = await removeMembers(services, owner, { userIds });
    expect(again).toMatchObject([{ code: "not_found" }, { code: "not_found" }]);
    expect(await readRoster(db, owner.organizationId)).toEqual({ [owner.userId]: "owner" });
    const causes = await superuserDb.sql<{ cause: string }[]>`
      SELECT cause FROM mail.outbox WHERE cause LIKE ${`removal:${owner.organizationId}:%`}`;
    expect(causes).toHaveLength(2);
    const log = await readLog(db, owner.organizationId);
    expect(log.slice(3).map(({ payload }) => payload)).toMatchObject([
      { userId: userIds[0], reason: "removed" },
      { userId: userIds[1], reason: "removed" },
    ]);
    expect((await readAudit(services, owner)).at(-1)).toMatchObject({
      action: "member.removed",
      before: { role: "member" },
      after: null,
    });
  },
);

pgTest("whoever may not change or remove is refused for the whole, not for each", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  const changes = [{ userId: owner.userId, role: "member" as const }];
  await expect(changeRoles(services, member, { changes })).rejects.toMatchObject({ code: "forbidden" });
  await removeMember(services, owner, { userId: member.userId });
  const attempt = removeMembers(services, member, { userIds: [owner.userId] });
  await expect(attempt).rejects.toMatchObject({ code: "not_found" });
});

pgTest(
  "everybody may leave except for the last owner, who is told to hand over first",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const member = await givenMember(services, owner, "member");
    await expect(leaveOrganization(services, owner)).rejects.toMatchObject({ code: "last_owner" });
    await leaveOrganization(services, member);
    await expect(leaveOrganization(services, member)).rejects.toMatchObject({ code: "not_found" });
    const second = await givenMember(services, owner, "owner");
    await leaveOrganization(services, owner);
    expect(await readRoster(db, owner.organizationId)).toEqual({ [second.userId]: "owner" });
    const log = await readLog(db, owner.organizationId);
    expect(log.at(-1)).toMatchObject({ actorId: owner.userId, payload: { userId: owner.userId, reason: "left" } });
    expect((await readAudit(services, owner)).at(-1)).toMatchObject({ action: "member.left", subject_label: "Owner" });
  },
);

pgTest("pages in every order meet without a gap, and the export is the same rows", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  for (const role of ["admin", "member", "billing_admin", "member", "member", "owner"] as const) {
    await givenMember(services, owner, role);
  }
  const all = (await readMembers(db, owner, {})).map(({ userId }) => userId);
  for (const sort of memberSorts) {
    for (const order of ["asc", "desc"] as const) {
      const walked: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await readMemberPage(db, owner, { sort, order, cursor, limit: 2 });
        expect(page.total).toBe(7);
        walked.push(...page.items.map(({ userId }) => userId));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect([...walked].sort(), `${sort} ${order}`).toEqual([...all].sort());
      const whole = await readMemberPage(db, owner, { sort, order, limit: 100 });
      expect(walked).toEqual(whole.items.map(({ userId }) => userId));
      const user = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
      const { pages, totalRows } = await openMemberExport(services, user, { slug: owner.slug, sort, order });
      const exported: string[] = [];
      for await (const page of pages) exported.push(...page.map(({ userId }) => userId));
      expect([totalRows, exported]).toEqual([7, walked]);
    }
  }
  const lowest = await readMemberPage(db, owner, { sort: "role", order: "desc", limit: 1 });
  expect(lowest.items[0]?.role).toBe("member");
  const foreign = readMemberPage(db, owner, {
    sort: "name",
    order: "asc",
    cursor: lowest.nextCursor ?? "",
    limit: 2,
  });
  await expect(foreign).rejects.toMatchObject({ code: "invalid_input" });
  await expect(
    readMemberPage(db, owner, { sort: "name", order: "asc", cursor: "W10", limit: 2 }),
  ).rejects.toMatchObject({ code: "invalid_input" });
});

pgTest("only managers take the list of members away; a stranger learns nothing", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  const stranger = await givenOrganization(services);
  const open = ({ userId: id, name, email }: OrganizationActor) =>
    openMemberExport(
      services,
      { id, name, email, isPlatformAdmin: false },
      { slug: owner.slug, sort: "name", order: "asc" },
    );
  await expect(open(member)).rejects.toMatchObject({ code: "forbidden" });
  await expect(open(stranger)).rejects.toMatchObject({ code: "not_found" });
});
