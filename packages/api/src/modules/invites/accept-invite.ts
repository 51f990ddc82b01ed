import { withOrganization } from "@guildhall/db";
import type { CallingUser, Services } from "../../trpc/context.ts";
import { lockOrganization } from "../organizations/index.ts";
import { admitInvited } from "./admit-invited.ts";
import { findByToken, parseInviteToken } from "./find-invite.ts";

/**
 * Accepts an invite by its link: one membership, however often and however parallel it is called. Bound to the invited
 * address; the inviter's right to give the role is read again. Locks the organization, then the person.
 * @throws not_found (unknown token), invite_gone, invite_for_other
 */
export async function acceptInvite(
  services: Services,
  user: Pick<CallingUser, "id" | "origin">,
  input: { token: string },
): Promise<{ slug: string }> {
  const token = parseInviteToken(input.token);
  return withOrganization(services.db, token.organizationId, async (tx) => {
    const organization = await lockOrganization(tx);
    const opened = await findByToken(tx, token);
    return admitInvited(tx, services, { organization, opened, user });
  });
}
