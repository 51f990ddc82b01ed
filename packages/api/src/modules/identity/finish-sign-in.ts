import type { PasskeyAssertion, PasskeyRequestOptions } from "@guildhall/auth";
import { withoutTenant } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, isNotNull, isNull } from "drizzle-orm";
import type { CallingUser, Services, User } from "../../trpc/context.ts";
import {
  askPasskey,
  type FactorMethods,
  proveByCode,
  proveByPasskey,
  readFactorMethods,
} from "../second-factor/index.ts";
import type { Caller } from "./caller.ts";
import {
  endPendingSignIn,
  type FoundSignIn,
  findPendingSignIn,
  type PendingSignIn,
  startPendingSignIn,
} from "./pending-sign-in.ts";
import { type Entry, endPreviousSession } from "./start-session.ts";

/** A request of a browser that may hold the token of a pending sign-in. */
export interface SecondStep {
  token: string | undefined;
  caller: Caller;
}

/** How the sign-in of this browser can go on; null when it has none, or it has expired. */
export async function readSecondStep(services: Services, token: string | undefined): Promise<FactorMethods | null> {
  const pending = await findPendingSignIn(services, token);
  return pending?.userId ? readFactorMethods(services.db, pending.userId) : null;
}

/** Ends a sign-in with a code of the app or a recovery code. @throws sign_in_expired, wrong_code, too_many_attempts */
export async function finishByCode(services: Services, { token, caller }: SecondStep, code: string): Promise<Entry> {
  const { pending, user } = await readPerson(services, token);
  await proveByCode(services, { ...user, origin: originOf(caller) }, code);
  return finish(services, { pending, user, caller });
}

/** What the browser needs for a passkey of the person whose password was right. @throws sign_in_expired */
export async function askSecondStepPasskey(
  services: Services,
  token: string | undefined,
): Promise<PasskeyRequestOptions> {
  const { pending, user } = await readPerson(services, token);
  return askPasskey(services, { holder: pending.id, purpose: "sign_in" }, user.id);
}

/**
 * Begins a sign-in by passkey alone. Tells nothing of any account: the browser offers what it has. Bound to this browser by
 * a pending sign-in of nobody. @throws too_many_attempts
 */
export async function beginPasskeySignIn(
  services: Services,
  { address }: Pick<Caller, "address">,
): Promise<{ pending: PendingSignIn; options: PasskeyRequestOptions }> {
  await services.loginLimits.beginPasskey({ address });
  const pending = await startPendingSignIn(services, null);
  return { pending, options: await askPasskey(services, { holder: pending.id, purpose: "sign_in" }, null) };
}

/**
 * Ends a sign-in with a passkey: as the second step after a password, or alone; alone it must have verified who holds it,
 * and so counts for both. @throws sign_in_expired, passkey_refused
 */
export async function finishByPasskey(
  services: Services,
  { token, caller }: SecondStep,
  response: PasskeyAssertion,
): Promise<Entry> {
  const pending = await findPendingSignIn(services, token);
  if (!pending) throw new DomainError("sign_in_expired");
  const use = { holder: pending.id, purpose: "sign_in" } as const;
  const userId = await proveByPasskey(services, { use, userId: pending.userId, response });
  const user = await readUser(services, userId);
  if (!user) throw new DomainError("sign_in_expired");
  return finish(services, { pending, user, caller });
}

async function readPerson(
  services: Services,
  token: string | undefined,
): Promise<{ pending: FoundSignIn; user: User }> {
  const pending = await findPendingSignIn(services, token);
  const user = pending?.userId ? await readUser(services, pending.userId) : undefined;
  if (!pending || !user) throw new DomainError("sign_in_expired");
  return { pending, user };
}

async function readUser({ db }: Services, userId: string): Promise<User | undefined> {
  const { id, name, email, isPlatformAdmin, deletedAt } = users;
  const [user] = await db.drizzle
    .select({ id, name, email, isPlatformAdmin })
    .from(users)
    .where(and(eq(id, userId), isNull(deletedAt)));
  return user;
}

interface Finish {
  pending: FoundSignIn;
  user: User;
  caller: Caller;
}

/**
 * Under the lock that a change of password, of the factors, and a deletion wait for: whoever finishes is either in before it,
 * and thrown out by it, or not let in. @throws sign_in_expired
 */
async function finish(services: Services, { pending, user, caller }: Finish): Promise<Entry> {
  const session = await withoutTenant(services.db, async (tx) => {
    // Somebody whose last factor went meanwhile (a password set anew takes a squatter's) proved nothing with it.
    const isStillTheirs = and(eq(users.id, user.id), isNull(users.deletedAt), isNotNull(users.secondFactorSince));
    const [person] = await tx.db.select({ id: users.id }).from(users).where(isStillTheirs).for("share");
    const isOpen = person !== undefined && (await endPendingSignIn({ db: tx }, pending.id));
    if (!isOpen) throw new DomainError("sign_in_expired");
    tx.afterCommit(() => services.bus.touchPerson(user.id));
    return services.sessions.create(user.id, caller, tx);
  });
  await endPreviousSession(services, caller);
  return { user, session };
}

function originOf({ address, userAgent, requestId = "" }: Caller): NonNullable<CallingUser["origin"]> {
  return { address, userAgent, requestId };
}
