import type { PasskeyAssertion, PasskeyRequestOptions } from "@guildhall/auth";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { askPasskey, proveByCode, proveByPasskey, type SignedInPerson } from "../second-factor/index.ts";

const FACTOR_NEEDED = "Your password is not enough here. Use your passkey, a code of your app, or a recovery code.";

/**
 * A person without a second factor proves again that it is them, by password. For others a password alone is not enough: it
 * would strip the account of the factor that guards it. @throws forbidden, wrong_password, too_many_attempts, overloaded
 */
export async function confirmByPassword(
  services: Services,
  person: SignedInPerson,
  { password }: { password: string },
): Promise<void> {
  const [row] = await services.db.drizzle
    .select({ secondFactorSince: users.secondFactorSince })
    .from(users)
    .where(eq(users.id, person.user.id));
  if (row?.secondFactorSince) throw new DomainError("forbidden", {}, FACTOR_NEEDED);
  await checkOwnPassword(services, person, password);
  await services.sessions.confirm(person.session.id);
}

/** The same by a code of the app, or a recovery code. @throws wrong_code, too_many_attempts */
export async function confirmByCode(
  services: Services,
  person: SignedInPerson,
  { code }: { code: string },
): Promise<void> {
  await proveByCode(services, person.user, code);
  await services.sessions.confirm(person.session.id);
}

/** What the browser needs for confirming by passkey. */
export function askConfirmationPasskey(services: Services, person: SignedInPerson): Promise<PasskeyRequestOptions> {
  return askPasskey(services, { holder: person.session.id, purpose: "confirm" }, person.user.id);
}

/** The same by passkey. @throws passkey_refused */
export async function confirmByPasskey(
  services: Services,
  { user, session }: SignedInPerson,
  response: PasskeyAssertion,
): Promise<void> {
  const use = { holder: session.id, purpose: "confirm" } as const;
  await proveByPasskey(services, { use, userId: user.id, response });
  await services.sessions.confirm(session.id);
}

/**
 * Compares with the person's own password, and counts like a sign-in: an open session is no way to guess it. Returns the
 * stored hash, so that a change can tell whether it is still the one that was compared.
 * @throws wrong_password, too_many_attempts, overloaded
 */
export async function checkOwnPassword(
  { db, loginLimits, passwords }: Services,
  { user }: SignedInPerson,
  password: string,
): Promise<string> {
  const attempt = await loginLimits.beginSignIn({ email: user.email, address: user.origin?.address ?? "" });
  const [row] = await db.drizzle.select({ hash: users.passwordHash }).from(users).where(eq(users.id, user.id));
  const matches = await passwords.verify(row?.hash ?? null, password).catch(async (error) => {
    await attempt.takeBack(); // Nothing was compared, so nothing was guessed.
    throw error;
  });
  if (!row || !matches) throw new DomainError("wrong_password");
  await attempt.takeBack();
  return row.hash;
}
