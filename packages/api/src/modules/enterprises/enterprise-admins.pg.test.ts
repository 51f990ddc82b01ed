import { withUser } from "@guildhall/db";
import { auditEntries } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { givenOrganization, givenServices, givenUser } from "../../testing/given.ts";
import { givenEnterprise } from "../../testing/given-teams.ts";
import type { Services } from "../../trpc/context.ts";
import { addEnterpriseAdmin } from "./add-enterprise-admin.ts";
import { readAdmins } from "./enterprises.queries.ts";
import { removeEnterpriseAdmin } from "./remove-enterprise-admin.ts";

async function given(services: Services) {
  return givenEnterprise(services, await givenOrganization(services));
}

const verify = (services: Services, userId: string) =>
  services.db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${userId}`;

async function readActions(services: Services, userId: string): Promise<[string, string | null, unknown][]> {
  const rows = await withUser(services.db, userId, (tx) =>
    tx.db.select().from(auditEntries).where(eq(auditEntries.scopeId, userId)).orderBy(auditEntries.sequence),
  );
  return rows.map(({ action, actorId, address }) => [action, actorId, address]);
}

pgTest(
  "an enterprise admin appoints another one and withdraws them; each stands in the log of both, once",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const origin = { address: "203.0.113.7", userAgent: "Test", requestId: "r" };
    const enterprise = { ...(await given(services)), origin };
    const { userId, enterpriseId } = enterprise;
    const grace = await givenUser(db, "Grace");
    await verify(services, grace.id);
    const add = () => addEnterpriseAdmin(services, enterprise, { email: grace.email.toUpperCase() });
    expect(await add()).toEqual({ name: "Grace", isNew: true });
    expect(await add()).toEqual({ name: "Grace", isNew: false });
    expect((await readAdmins(db, enterpriseId)).map(({ name }) => name)).toEqual(["Grace", "Owner"]);
    await removeEnterpriseAdmin(services, enterprise, { userId: grace.id });
    await removeEnterpriseAdmin(services, enterprise, { userId: grace.id });
    expect((await readAdmins(db, enterpriseId)).map(({ name }) => name)).toEqual(["Owner"]);
    const told = ["enterprise.admin_added", "enterprise.admin_removed"].map((action) => [
      action,
      userId,
      origin.address,
    ]);
    expect(await readActions(services, userId)).toEqual(told);
    expect(await readActions(services, grace.id)).toEqual(told);
    const asGrace = { ...enterprise, userId: grace.id };
    const again = addEnterpriseAdmin(services, asGrace, { email: grace.email });
    await expect(again).rejects.toMatchObject({ code: "not_found" });
  },
);

pgTest(
  "an address that is not verified is answered like one that nobody has, where mail is delivered",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const enterprise = await given(services);
    const { email } = await givenUser(db, "Grace");
    const refusals = [];
    for (const tried of [email, "nobody@example.com"]) {
      const { code, message, details } = await addEnterpriseAdmin(services, enterprise, { email: tried }).catch(
        (e) => e,
      );
      refusals.push({ code, message, details });
    }
    expect(refusals[0]).toMatchObject({ code: "unknown_person", details: { field: "email" } });
    expect(refusals[0]).toEqual(refusals[1]);
    const withoutMail: Services = { ...services, mailDelivery: "off" };
    expect(await addEnterpriseAdmin(withoutMail, enterprise, { email })).toMatchObject({ isNew: true });
  },
);

pgTest(
  "the last admin stays: nobody removes them, and of two who remove each other at once one is left",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const one = await given(here);
    const last = removeEnterpriseAdmin(here, one, { userId: one.userId });
    await expect(last).rejects.toMatchObject({ code: "last_enterprise_admin" });
    const { enterpriseId } = one;
    for (let round = 0; round < 6; round += 1) {
      const [left] = await readAdmins(db, enterpriseId);
      if (!left) throw new Error("An admin is left.");
      const user = await givenUser(db, "Grace");
      await verify(here, user.id);
      const first = { ...one, userId: left.userId };
      await addEnterpriseAdmin(here, first, { email: user.email });
      const outcomes = await Promise.allSettled([
        removeEnterpriseAdmin(here, first, { userId: user.id }),
        removeEnterpriseAdmin(there, { ...one, userId: user.id }, { userId: left.userId }),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(await readAdmins(db, enterpriseId)).toHaveLength(1);
    }
  },
);
