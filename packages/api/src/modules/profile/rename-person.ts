import { rolesWith } from "@guildhall/auth";
import { withOrganizationsOfUser, withUser } from "@guildhall/db";
import { members, users } from "@guildhall/db/schema";
import { eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordPersonAudit } from "../../record-audit.ts";
import type { CallingUser, Services } from "../../trpc/context.ts";

/**
 * Changes what a person is called. The name is theirs (S2.3): no organization can change it, each shows it, so each of theirs
 * hears of it, in one transaction. Locks the person's row, then the heads of the logs in the order of the organizations' ids. The
 * same name again announces nothing.
 */
export async function renamePerson(
  services: Services,
  user: CallingUser,
  { name }: { name: string },
): Promise<{ name: string }> {
  const { id: userId, origin } = user;
  const organizationIds = await readMembershipIds(services, userId);
  await withOrganizationsOfUser(services.db, { userId, organizationIds }, async (person, eachOrganization) => {
    const [before] = await person.db.select({ name: users.name }).from(users).where(eq(users.id, userId)).for("update");
    if (!before || before.name === name) return;
    await person.db.update(users).set({ name }).where(eq(users.id, userId));
    await eachOrganization(async (tx) => {
      announce(tx, services, {
        actorId: userId,
        audience: rolesWith("members.read"),
        event: { type: "member.renamed", payload: { userId, name } },
      });
    });
    recordPersonAudit(person, services, {
      ...{ userId, origin, action: "person.renamed" },
      subject: { kind: "person", id: userId, label: name },
      before: { name: before.name },
      after: { name },
    });
    person.afterCommit(() => services.bus.touchPerson(userId));
  });
  return { name };
}

async function readMembershipIds({ db }: Services, userId: string): Promise<string[]> {
  const mine = await withUser(db, userId, (tx) =>
    tx.db.select({ id: members.organizationId }).from(members).where(eq(members.userId, userId)),
  );
  return mine.map(({ id }) => id);
}
