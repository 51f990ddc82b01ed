import { findPasswordWeakness, type ScopedToken } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { recordPersonAudit } from "../../record-audit.ts";
import type { CallingUser, Origin, Services } from "../../trpc/context.ts";
import {
  type Caller,
  type Entry,
  emailTaken,
  mailVerification,
  makeAccount,
  startSession,
  weaknessMessages,
} from "../identity/index.ts";
import { lockOrganization } from "../organizations/index.ts";
import { admitInvited, assertAcceptable } from "./admit-invited.ts";
import { findByToken, parseInviteToken } from "./find-invite.ts";

export interface SignUpByInvite {
  token: string;
  name: string;
  password: string;
}

/**
 * Makes an account with the invited address and lets it into the organization, in one transaction: no account is left behind
 * by an invite that died meanwhile. The address counts as verified when the link is the mailed one; else the link that proves
 * it is mailed. An existing account is never touched: its owner signs in with the same link. Locks the organization.
 * @throws not_found, invite_gone, email_taken, invalid_input (the password is the name or address), too_many_attempts, overloaded
 */
export async function signUpByInvite(
  services: Services,
  input: SignUpByInvite,
  caller: Caller & { origin: Origin },
): Promise<Entry & { slug: string }> {
  const token = parseInviteToken(input.token);
  await services.loginLimits.beginSignUp({ address: caller.address });
  // Hashing is slow, and no lock waits for it. What is found here is looked at again under the lock.
  const email = await withOrganization(services.db, token.organizationId, async (tx) => {
    const { opened } = await openDoor(tx, services, token);
    return opened.invite.email;
  });
  await assertNewcomer(services, { ...input, email });
  const passwordHash = await services.passwords.hash(input.password);
  const { user, slug } = await withOrganization(services.db, token.organizationId, async (tx) => {
    const { organization, opened } = await openDoor(tx, services, token);
    const account = { name: input.name, email: opened.invite.email, passwordHash };
    const emailVerifiedAt = opened.isMailedLink ? services.clock.now() : null;
    const made = await makeAccount(tx.db, services.clock, { ...account, emailVerifiedAt });
    if (emailVerifiedAt) noteVerified(tx, services, { ...made, origin: caller.origin });
    else await mailVerification(tx, services, made);
    const admitted = await admitInvited(tx, services, {
      organization,
      opened,
      user: { id: made.id, origin: caller.origin },
    });
    return { user: made, slug: admitted.slug };
  });
  return { ...(await startSession(services, user, caller)), slug };
}

/** As for everybody who proves an address: the invite's link did. */
function noteVerified(tx: Tx, services: Services, { id, email, origin }: Pick<CallingUser, "id" | "email" | "origin">) {
  recordPersonAudit(tx, services, { userId: id, origin, action: "account.email_verified", after: { email } });
}

async function openDoor(tx: Tx, services: Services, token: ScopedToken) {
  const organization = await lockOrganization(tx);
  const opened = await findByToken(tx, token);
  await assertAcceptable(tx, services, { organization, opened });
  return { organization, opened };
}

async function assertNewcomer(
  { db }: Services,
  { name, email, password }: SignUpByInvite & { email: string },
): Promise<void> {
  const [taken] = await db.drizzle.select({ id: users.id }).from(users).where(eq(users.email, email));
  if (taken) throw emailTaken();
  const weakness = findPasswordWeakness(password, [name, email]);
  if (weakness) throw new DomainError("invalid_input", { field: "password" }, weaknessMessages[weakness]);
}
