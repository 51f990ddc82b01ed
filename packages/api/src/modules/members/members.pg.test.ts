import { pgTest } from "@guildhall/db/testing";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, readLog, readRoster } from "../../testing/given.ts";
import { changeRole } from "./change-role.ts";
import { readMembers } from "./members.queries.ts";
import { removeMember } from "./remove-member.ts";

pgTest("S2.14 a role change is stored and announced with the role before", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  await changeRole(services, owner, { userId: member.userId, role: "billing_admin" });
  expect((await readRoster(db, owner.organizationId))[member.userId]).toBe("billing_admin");
  const log = await readLog(db, owner.organizationId);
  expect(log.map((event) => event.type)).toEqual(["member.added", "member.added", "member.role_changed"]);
  expect(log.at(-1)).toMatchObject({
    sequence: 3n,
    actorId: owner.userId,
    payload: { userId: member.userId, role: "billing_admin", previousRole: "member" },
  });
});

pgTest("the same role again changes and announces nothing", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  await changeRole(services, owner, { userId: owner.userId, role: "owner" });
  const log = await readLog(db, owner.organizationId);
  expect(log).toHaveLength(1);
});

pgTest(
  "two owners who demote each other in the same instant leave one owner",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    for (let round = 0; round < 20; round += 1) {
      const first = await givenOrganization(here);
      const second = await givenMember(here, first, "owner");
      const outcomes = await Promise.allSettled([
        changeRole(here, first, { userId: second.userId, role: "member" }),
        changeRole(there, second, { userId: first.userId, role: "member" }),
      ]);
      expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
      const roster = Object.values(await readRoster(db, first.organizationId));
      expect(roster.filter((role) => role === "owner")).toHaveLength(1);
    }
  },
);

pgTest(
  "two owners who remove each other in the same instant leave one owner",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    for (let round = 0; round < 20; round += 1) {
      const first = await givenOrganization(here);
      const second = await givenMember(here, first, "owner");
      await Promise.allSettled([
        removeMember(here, first, { userId: second.userId }),
        removeMember(there, second, { userId: first.userId }),
      ]);
      expect(Object.values(await readRoster(db, first.organizationId))).toEqual(["owner"]);
    }
  },
);

pgTest(
  "S3.3 a person of another organization cannot be touched, and looks like nobody",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const stranger = await givenOrganization(services);
    const attempts = await Promise.allSettled([
      changeRole(services, owner, { userId: stranger.userId, role: "member" }),
      removeMember(services, owner, { userId: stranger.userId }),
    ]);
    for (const attempt of attempts)
      expect(attempt).toMatchObject({ status: "rejected", reason: { code: "not_found" } });
    expect(await readRoster(db, stranger.organizationId)).toEqual({ [stranger.userId]: "owner" });
  },
);

pgTest("an actor who was removed a moment ago is a stranger", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const admin = await givenMember(services, owner, "admin");
  const member = await givenMember(services, owner, "member");
  await removeMember(services, owner, { userId: admin.userId });
  const attempt = changeRole(services, admin, { userId: member.userId, role: "admin" });
  await expect(attempt).rejects.toMatchObject({ code: "not_found" });
});

pgTest(
  "the roster is searched by part of name or e-mail, and wildcards are plain characters",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    await givenMember(services, owner, "billing_admin");
    await givenMember(services, owner, "member");
    const found = async (search: string) => (await readMembers(db, owner, { search })).map((row) => row.role);
    expect(await found("BILL")).toEqual(["billing_admin"]);
    expect(await found("%")).toEqual([]);
    expect((await readMembers(db, owner, {})).map((row) => row.role)).toEqual(["owner", "billing_admin", "member"]);
  },
);
