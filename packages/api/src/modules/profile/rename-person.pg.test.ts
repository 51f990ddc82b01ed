import { pgTest } from "@guildhall/db/testing";
import { expect, onTestFinished } from "vitest";
import { callingAs } from "../../testing/calling.ts";
import { givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import type { User } from "../../trpc/context.ts";
import { createOrganization } from "../organizations/index.ts";

pgTest("S2.3 a new name is heard of once in each organization of the person, and nowhere else", async ({ db }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const first = await givenOrganization(services);
  const user: User = { id: first.userId, name: first.name, email: first.email, isPlatformAdmin: false };
  const second = await createOrganization(services, user, { name: "Second", idempotencyKey: "2", isSetUp: true });
  const foreign = await givenOrganization(services);

  const asked = callingAs(services, user).profile;
  expect(await asked.rename({ name: "  Ada   King " })).toEqual({ name: "Ada King" });
  await asked.rename({ name: "Ada King" });

  const heard = async (organizationId: string) =>
    (await readLog(db, organizationId)).filter(({ type }) => type === "member.renamed");
  for (const { organizationId } of [first, second]) {
    expect(await heard(organizationId)).toMatchObject([
      { payload: { userId: user.id, name: "Ada King" }, actorId: user.id },
    ]);
  }
  expect(await heard(foreign.organizationId)).toEqual([]);
  const roster = await db.sql<{ name: string }[]>`SELECT name FROM users WHERE id = ${user.id}`;
  expect(roster).toEqual([{ name: "Ada King" }]);
  await expect(asked.rename({ name: " " })).rejects.toThrow("Enter your name.");
  await expect(callingAs(services, null).profile.rename({ name: "X" })).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});
