import { createRecoveryCodes, deviceName, hashRecoveryCode, type Role, rolesWith } from "@guildhall/auth";
import { type UserTx, withUser } from "@guildhall/db";
import {
  members,
  organizations,
  passkeys,
  recoveryCodes,
  sessions,
  totpFactors,
  totpSetups,
  users,
} from "@guildhall/db/schema";
import { appendEvents } from "@guildhall/live";
import type { LiveEvent } from "@guildhall/live/events";
import type { SecondFactorChanged } from "@guildhall/mail";
import { DomainError, newId } from "@guildhall/shared";
import { and, asc, eq } from "drizzle-orm";
import { recordPersonAudit } from "../../record-audit.ts";
import { sendMail } from "../../send-mail.ts";
import type { CallingUser, Origin, Services } from "../../trpc/context.ts";
import { readFactorMethods } from "./factors.queries.ts";
import { requireRecentProof } from "./recent-proof.ts";
import type { SignedInPerson } from "./signed-in-person.ts";
import { requireVerifiedAddress } from "./verified-address.ts";

/** What was changed, for the mail and the audit log. */
export interface FactorChange {
  change: SecondFactorChanged["change"];
  /** The passkey's name, where it is about one. */
  label?: string;
}

export interface ChangedFactors {
  /** Shown once, when the first factor was added or the codes were renewed. */
  recoveryCodes: string[] | null;
}

/**
 * Changes how a person proves themselves, in one transaction under the lock of their row: the change itself (null: nothing
 * changed), what follows from having the first factor or none any more, the mail, the audit entry, and the events of all
 * their organizations. Lock order: person → audit head → log heads.
 * @throws confirmation_required, address_unverified (for the first factor), and whatever `work` throws
 */
export async function changeFactors(
  services: Services,
  person: SignedInPerson,
  work: (tx: UserTx) => Promise<FactorChange | null>,
): Promise<ChangedFactors> {
  await requireRecentProof(services, person);
  const { id: userId } = person.user;
  return withUser(services.db, userId, async (tx) => {
    const had = await lockPerson(tx);
    await assertStillSignedIn(tx, person);
    const done = await work(tx);
    if (!done) return { recoveryCodes: null };
    const { totp, passkey } = await readFactorMethods(tx, userId);
    const has = totp || passkey;
    if (has && !had) await requireVerifiedAddress({ ...services, db: tx.db }, userId);
    await report(tx, services, { user: person.user, done });
    if (has !== had) await noteFirstOrLast(tx, services, has);
    // Whoever is signed in elsewhere has shown no factor there.
    if (has && !had) await services.sessions.endAll(userId, person.session.id, tx);
    const areCodesDue = has && (!had || done.change === "recovery_codes_renewed");
    const codes = areCodesDue ? await writeRecoveryCodes(tx, services) : null;
    tx.afterCommit(() => services.bus.touchPerson(userId));
    return { recoveryCodes: codes };
  });
}

/**
 * Locks the person's row, and says whether they have a second factor. Requiring one in an organization locks it, too: either
 * that sees this change, or this change sees the requirement.
 */
async function lockPerson(tx: UserTx): Promise<boolean> {
  const [row] = await tx.db
    .select({ since: users.secondFactorSince })
    .from(users)
    .where(eq(users.id, tx.userId))
    .for("no key update");
  return row?.since != null;
}

/** Their sessions may have ended while this waited for the lock: by a new password, by a first factor. @throws unauthenticated */
async function assertStillSignedIn(tx: UserTx, { session }: SignedInPerson): Promise<void> {
  const [found] = await tx.db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, session.id), eq(sessions.userId, tx.userId)));
  if (!found) throw new DomainError("unauthenticated");
}

/** Who takes all factors off an account; the person themselves when no actor is named. */
interface Removal {
  origin?: Origin | undefined;
  actor?: { userId: string; origin?: Origin | undefined };
  /** Stands in the person's audit log. */
  reason?: string;
}

/**
 * Takes all factors off an account, and what goes with them, in the caller's transaction: whoever proves its address for the
 * first time must not share it with who made it, and who has lost them gets in no other way. False for who has none. Locks the
 * person; their organizations hear of it.
 */
export async function removeEveryFactor(tx: UserTx, services: Services, removal: Removal): Promise<boolean> {
  const { origin, actor, reason } = removal;
  const had = await lockPerson(tx);
  for (const table of [passkeys, totpFactors, totpSetups, recoveryCodes]) {
    await tx.db.delete(table).where(eq(table.userId, tx.userId));
  }
  if (!had) return false;
  await noteFirstOrLast(tx, services, false);
  recordPersonAudit(tx, services, {
    userId: tx.userId,
    ...(actor ? { actor } : { origin }),
    action: "second_factor.all_removed",
    ...(reason && { after: { reason } }),
  });
  return true;
}

async function noteFirstOrLast(tx: UserTx, services: Services, has: boolean): Promise<void> {
  const secondFactorSince = has ? services.clock.now() : null;
  await tx.db.update(users).set({ secondFactorSince }).where(eq(users.id, tx.userId));
  if (!has) await tx.db.delete(recoveryCodes).where(eq(recoveryCodes.userId, tx.userId));
  await announceInOrganizations(tx, services, has);
}

/** Replaces all codes. They are returned for the only time. */
async function writeRecoveryCodes(tx: UserTx, { clock }: Services): Promise<string[]> {
  const codes = createRecoveryCodes();
  const createdAt = clock.now();
  await tx.db.delete(recoveryCodes).where(eq(recoveryCodes.userId, tx.userId));
  const rows = codes.map((code) => ({
    userId: tx.userId,
    codeHash: hashRecoveryCode(tx.userId, code) as Buffer,
    createdAt,
  }));
  await tx.db.insert(recoveryCodes).values(rows);
  return codes;
}

/** Tells the managers of each organization, and ends the person's streams where they are kept out from now on. */
async function announceInOrganizations(tx: UserTx, services: Services, has: boolean): Promise<void> {
  const found = await tx.db
    .select({ organizationId: organizations.id, isRequired: organizations.requiresSecondFactor })
    .from(organizations)
    .innerJoin(members, and(eq(members.organizationId, organizations.id), eq(members.userId, tx.userId)))
    .orderBy(asc(organizations.id));
  const { userId } = tx;
  const changed: LiveEvent = { type: "member.second_factor_changed", payload: { userId, hasSecondFactor: has } };
  const suspended: LiveEvent = { type: "member.suspended", payload: { userId } };
  const events = found.flatMap(({ organizationId, isRequired }) => [
    { ...changed, organizationId, audience: rolesWith("members.change_role"), actorId: userId },
    ...(isRequired && !has ? [{ ...suspended, organizationId, audience: [] as Role[], actorId: userId }] : []),
  ]);
  if (events.length === 0) return;
  tx.beforeCommit(async () => {
    const heads = await appendEvents(tx.sql, events, services.clock.now());
    tx.afterCommit(() => services.bus.publish(heads));
  });
}

interface Report {
  user: CallingUser;
  done: FactorChange;
}

/** Into the person's audit log and their mailbox: whoever did not do this has to learn of it. */
export async function report(tx: UserTx, services: Services, { user, done }: Report): Promise<void> {
  const changedAt = services.clock.now();
  const origin = user.origin;
  recordPersonAudit(tx, services, {
    userId: user.id,
    origin,
    action: `second_factor.${done.change}`,
    ...(done.label && { after: { name: done.label } }),
  });
  await sendMail(tx, services, {
    cause: `second_factor_changed:${newId(changedAt.getTime())}`,
    to: user.email,
    mail: {
      template: "second_factor_changed",
      name: user.name,
      changedAt,
      address: origin?.address ?? "",
      device: deviceName(origin?.userAgent ?? ""),
      url: `${services.publicUrl}/settings/security`,
      change: done.change,
      ...(done.label && { label: done.label }),
    },
  });
}
