import { type Role, rolesWith } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "../organizations/index.ts";
import { actorLast, type BulkOutcome, refusal } from "./bulk-outcome.ts";
import { decideRoleChange } from "./role-policy.ts";
import { type RosterPart, readRosterPart } from "./roster.ts";

/** One person's new role. */
export interface RoleChange {
  userId: string;
  role: Role;
  /** Only if they have this role now: an undo must not undo what somebody else did meanwhile. */
  from?: Role | undefined;
}

/** What came of it, with the role before: what an undo gives back. */
export type RoleOutcome = BulkOutcome & { previousRole: Role | null };

/**
 * Gives several members other roles (S2.14), in one transaction: whoever may be changed is changed, each refusal is named.
 * Locks the organization and reads all roles again under the lock. The same roles again change and announce nothing.
 * @throws not_found, forbidden (about the actor; what is refused about others stands in the result)
 */
export async function changeRoles(
  services: Services,
  actor: OrganizationActor,
  input: { changes: RoleChange[] },
): Promise<RoleOutcome[]> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganizationAs(tx, actor, "members.change_role");
    return applyRoleChanges(tx, services, { actor, changes: input.changes });
  });
}

/**
 * The work of changeRoles, for a transaction that holds the organization's lock. `doneBy` is told as who did it, where somebody acts
 * by a right that the actor gave them.
 */
export async function applyRoleChanges(
  tx: Tx,
  services: Services,
  { actor, changes, doneBy = actor }: { actor: Doer; changes: RoleChange[]; doneBy?: Doer },
): Promise<RoleOutcome[]> {
  const roster = await readRosterPart(tx, [actor.userId, ...changes.map(({ userId }) => userId)]);
  const decided = actorLast(changes, actor.userId).map((change) => decideOne(roster, actor.userId, change));
  await writeRoles(
    tx,
    decided.flatMap(({ applied }) => applied ?? []),
  );
  for (const { applied, outcome } of decided) {
    if (applied) tellRoleChange(tx, services, { actor: doneBy, change: applied, name: outcome.name });
  }
  const byPerson = new Map(decided.map(({ outcome }) => [outcome.userId, outcome]));
  return [...new Set(changes.map(({ userId }) => userId))].flatMap((userId) => byPerson.get(userId) ?? []);
}

type Doer = Pick<OrganizationActor, "userId" | "origin">;
type Applied = { userId: string; role: Role; previousRole: Role };

function decideOne(
  roster: RosterPart,
  actorId: string,
  change: RoleChange,
): { outcome: RoleOutcome; applied?: Applied } {
  const { userId, role, from } = change;
  const entry = roster.find(userId);
  const name = entry?.name ?? "";
  const previousRole = entry?.role ?? null;
  const decision = decideRoleChange(roster.factsAbout(actorId, userId), role);
  if (!decision.ok) return { outcome: { ...refusal(userId, name, decision.reason), previousRole } };
  if (from && previousRole !== from)
    return { outcome: { ...refusal(userId, name, "changed_meanwhile"), previousRole } };
  if (!previousRole || previousRole === role) return { outcome: { userId, name, outcome: "unchanged", previousRole } };
  roster.move(userId, role);
  return { outcome: { userId, name, outcome: "done", previousRole }, applied: { userId, role, previousRole } };
}

async function writeRoles(tx: Tx, applied: Applied[]): Promise<void> {
  if (applied.length === 0) return;
  await tx.sql`
    UPDATE members SET role = changed.role
      FROM unnest(${applied.map(({ userId }) => userId)}::uuid[], ${applied.map(({ role }) => role)}::text[])
        AS changed(user_id, role)
     WHERE members.organization_id = ${tx.organizationId} AND members.user_id = changed.user_id`;
}

interface Told {
  actor: Doer;
  change: Applied;
  name: string;
}

function tellRoleChange(tx: Tx, services: Services, { actor, change, name }: Told): void {
  const { userId, role, previousRole } = change;
  announce(tx, services, {
    actorId: actor.userId,
    audience: rolesWith("members.read"),
    event: { type: "member.role_changed", payload: { userId, role, previousRole } },
  });
  recordAudit(tx, services, {
    actor,
    action: "member.role_changed",
    subject: { kind: "member", id: userId, label: name },
    before: { role: previousRole },
    after: { role },
  });
  tx.afterCommit(() => services.bus.touchPerson(userId));
}
