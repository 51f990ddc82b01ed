import { roles, rolesWith } from "@guildhall/auth";
import type { TransactionScope, Tx } from "@guildhall/db";
import { enterpriseAdmins, teamMembers } from "@guildhall/db/schema";
import { and, eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import type { AuditRecord } from "../../audit-entry.ts";
import { recordAudit, recordPersonAudit } from "../../record-audit.ts";
import type { Origin, Services } from "../../trpc/context.ts";
import { wakePlatformAdmins } from "../organizations/index.ts";
import type { TeamScope } from "./team-scope.ts";

type Announcement = Parameters<typeof announce>[2];

/** What is told of a change to a team. */
interface TeamChange extends Pick<AuditRecord, "action" | "before" | "after"> {
  actor: { userId: string; origin?: Origin | undefined };
  announced?: Announcement["event"];
}

/**
 * Writes a change into the log and the audit log of the organization that the team is assigned to. A team that is assigned to none
 * has no log: whoever changed it finds that in their own. What the team is called is heard by those alone who may see the assigned teams.
 */
export function tellTeamChange(services: Services, { scope, team, tx }: TeamScope, change: TeamChange): void {
  const { actor, action, before, after, announced } = change;
  const subject = { kind: "team", id: team.id, label: team.name };
  if (!tx) {
    const { userId, origin } = actor;
    recordPersonAudit(scope, services, { userId, origin, action, subject, before, after });
    return;
  }
  recordAudit(tx, services, { actor, action, subject, before, after });
  if (announced) announceTeam(services, tx, { event: announced, actorId: actor.userId });
}

const MAY_SEE_TEAMS = rolesWith("teams.read");
const OTHERS = roles.filter((role) => !MAY_SEE_TEAMS.includes(role));

function announceTeam(services: Services, tx: Tx, told: Pick<Announcement, "event" | "actorId">): void {
  announce(tx, services, { ...told, audience: MAY_SEE_TEAMS });
  if (told.event.type !== "team.assigned" && told.event.type !== "team.removed") return;
  announce(tx, services, { ...told, audience: OTHERS, event: { type: "teams.changed", payload: {} } });
}

/**
 * After the commit, wakes whose pages look different now: the admins of the enterprise, the people of the team, and platform
 * admins, who see how many teams there are. Call it where the transaction sees the team's people: an organization sees those of its
 * own teams only.
 */
export async function wakeTeam(
  services: Services,
  scope: TransactionScope,
  { enterpriseId, id }: { enterpriseId: string; id: string },
): Promise<void> {
  const [admins, people] = await Promise.all([
    scope.db
      .select({ userId: enterpriseAdmins.userId })
      .from(enterpriseAdmins)
      .where(eq(enterpriseAdmins.enterpriseId, enterpriseId)),
    scope.db
      .select({ userId: teamMembers.userId })
      .from(teamMembers)
      .where(and(eq(teamMembers.enterpriseId, enterpriseId), eq(teamMembers.teamId, id))),
  ]);
  const userIds = new Set([...admins, ...people].map((row) => row.userId));
  scope.afterCommit(() => {
    for (const userId of userIds) services.bus.touchPerson(userId);
  });
  await wakePlatformAdmins(scope, services);
}
