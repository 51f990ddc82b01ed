import { type Tx, withOrganization } from "@guildhall/db";
import { sendMail } from "../../send-mail.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "../organizations/index.ts";
import { actorLast, type BulkOutcome, refusal } from "./bulk-outcome.ts";
import { endMemberships } from "./end-memberships.ts";
import { decideRemoval } from "./role-policy.ts";
import { type RosterEntry, type RosterPart, readRosterPart } from "./roster.ts";

/**
 * Ends several memberships (S2.14) in one transaction: whoever may be removed is removed and gets a mail that says so, each
 * refusal is named. Locks the organization. Sent again it finds nobody left to remove. Whoever names themselves leaves.
 * @throws not_found, forbidden (about the actor; what is refused about others stands in the result)
 */
export async function removeMembers(
  services: Services,
  actor: OrganizationActor,
  input: { userIds: string[] },
): Promise<BulkOutcome[]> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const { name: organizationName } = await lockOrganizationAs(tx, actor, "members.remove");
    const roster = await readRosterPart(tx, [actor.userId, ...input.userIds]);
    const people = actorLast(
      input.userIds.map((userId) => ({ userId })),
      actor.userId,
    );
    const decided = people.map(({ userId }) => decideOne(roster, actor.userId, userId));
    const ended = decided.flatMap(({ entry }) => entry ?? []);
    const others = ended.filter(({ userId }) => userId !== actor.userId);
    await endMemberships(tx, services, { ended: others, actor, reason: "removed" });
    await endMemberships(tx, services, {
      ended: ended.filter((entry) => !others.includes(entry)),
      actor,
      reason: "left",
    });
    for (const entry of others) await noticeRemoval(tx, services, { entry, organizationName, actor });
    return decided.map(({ outcome }) => outcome);
  });
}

function decideOne(roster: RosterPart, actorId: string, userId: string): { outcome: BulkOutcome; entry?: RosterEntry } {
  const entry = roster.find(userId);
  const name = entry?.name ?? "";
  const decision = decideRemoval(roster.factsAbout(actorId, userId));
  if (!entry || !decision.ok) return { outcome: refusal(userId, name, decision.ok ? "not_found" : decision.reason) };
  roster.move(userId, undefined);
  return { outcome: { userId, name, outcome: "done" }, entry };
}

interface Notice {
  entry: RosterEntry;
  organizationName: string;
  actor: OrganizationActor;
}

async function noticeRemoval(tx: Tx, services: Services, { entry, organizationName, actor }: Notice): Promise<void> {
  await sendMail(tx, services, {
    // One notice per membership: whoever comes back and is removed again is told again.
    cause: `removal:${tx.organizationId}:${entry.userId}:${entry.joinedAt.getTime()}`,
    to: entry.email,
    mail: {
      template: "removal_notice",
      name: entry.name,
      organizationName,
      removedByName: actor.name,
      url: `${services.publicUrl}/`,
    },
  });
}
