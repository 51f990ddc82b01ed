import { createScopedToken, type Role } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { inviteLinks } from "@guildhall/db/schema";
import { sendMails } from "../../send-mail.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";

/** Stands before every invite's token. */
export const INVITE_PREFIX = "inv";

/** An invite as whoever sends it gets it, once. */
export interface IssuedInvite {
  inviteId: string;
  email: string;
  /** For handing over. The mail carries another one. */
  token: string;
  acceptUrl: string;
  expiresAt: string;
}

/** One sending of an invite. */
export interface Sending {
  inviteId: string;
  email: string;
  role: Role;
  generation: number;
  sentAt: Date;
  expiresAt: Date;
}

interface Sender {
  actor: Pick<OrganizationActor, "userId" | "name" | "organizationId">;
  organizationName: string;
}

/**
 * Makes the links of these sendings and mails them. Two links each: the one that is returned can be handed over and proves
 * nothing; the mailed one is known to the mailbox alone. Call it under the organization's lock, with a new generation.
 */
export async function issueLinks(
  tx: Tx,
  services: Services,
  { sender, sendings }: { sender: Sender; sendings: Sending[] },
): Promise<IssuedInvite[]> {
  const { organizationId, userId, name } = sender.actor;
  const isMailed = services.mailDelivery !== "off";
  const issued = sendings.map((sending) => ({
    sending,
    shown: createScopedToken(INVITE_PREFIX, organizationId),
    mailed: isMailed ? createScopedToken(INVITE_PREFIX, organizationId) : null,
  }));
  await tx.db.insert(inviteLinks).values(
    issued.map(({ sending: { inviteId, generation, sentAt }, shown, mailed }) => ({
      ...{ organizationId, inviteId, generation, tokenHash: shown.hash, mailedTokenHash: mailed?.hash ?? null },
      ...{ issuedBy: userId, issuedAt: sentAt },
    })),
  );
  const { organizationName } = sender;
  const mails = issued.flatMap(({ sending: { inviteId, generation, email, role, expiresAt }, mailed }) => {
    if (!mailed) return [];
    const url = acceptUrlOf(services, mailed.token);
    const mail = { template: "invite", organizationName, invitedByName: name, role, url, expiresAt } as const;
    return [{ cause: `invite:${inviteId}:${generation}`, to: email, mail }];
  });
  await sendMails(tx, services, mails);
  return issued.map(({ sending: { inviteId, email, expiresAt }, shown: { token } }) => ({
    ...{ inviteId, email, token, acceptUrl: acceptUrlOf(services, token) },
    expiresAt: expiresAt.toISOString(),
  }));
}

function acceptUrlOf({ publicUrl }: Services, token: string): string {
  return `${publicUrl}/invite/${token}`;
}
