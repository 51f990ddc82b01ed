import type { Role } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { readRole } from "../members/index.ts";
import { assertWritable, lockOrganization } from "../organizations/index.ts";
import { readStandings } from "./address-standings.ts";
import { insertInvites } from "./insert-invites.ts";
import { decideInvite } from "./invite-policy.ts";
import type { IssuedInvite } from "./issue-links.ts";

/**
 * Invites one person by e-mail (S2.11), by mail where delivery is configured (S2.12). The token for sharing by hand is
 * returned once (S2.13); only its hash is kept. Takes the place of an invite that is not valid any more, because its inviter
 * lost the right to give its role: that one's links are dead for good; not of one whose role is above the actor's own, which they
 * could not take back. Locks the organization.
 * @throws forbidden, role_above_own, already_member, already_invited, invite_limit, too_many_attempts
 */
export async function createInvite(
  services: Services,
  actor: OrganizationActor,
  input: { email: string; role: Role },
): Promise<IssuedInvite> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const { name: organizationName, status } = await lockOrganization(tx);
    assertWritable({ status });
    const inviterRole = await readRole(tx, actor.userId);
    const decision = decideInvite(inviterRole, input.role);
    if (!decision.ok) throw new DomainError(decision.reason);
    const { standings } = await readStandings(tx, [input.email], { now: services.clock.now(), inviterRole });
    const standing = standings.get(input.email);
    if (standing) throw new DomainError(standing);
    const [issued] = await insertInvites(tx, services, { actor, organizationName, people: [input] });
    return issued as IssuedInvite;
  });
}
