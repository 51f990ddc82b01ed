import { deviceName, findPasswordWeakness, type NewSession } from "@guildhall/auth";
import { type TransactionScope, withoutTenant } from "@guildhall/db";
import { sessions, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import { ZodRealError } from "zod";
import { recordPersonAudit } from "../../record-audit.ts";
import { sendMail } from "../../send-mail.ts";
import type { CallingUser, Services } from "../../trpc/context.ts";
import type { SignedInPerson } from "../second-factor/index.ts";
import { checkOwnPassword } from "./confirm-identity.ts";
import { weaknessMessages } from "./credentials-input.ts";
import { useUpTokens } from "./identity-tokens.ts";

/**
 * Changes a person's password in one transaction: all their sessions end, this one too, and the browser gets a new one in its
 * place, with the proof of the old one where they have a second factor: the password says nothing of that. Sign-ins that wait for a second step die, and so do mailed links to another address or password. A parallel change wins or loses as a whole.
 * @throws wrong_password, invalid_input (a password that would be guessed), too_many_attempts, overloaded
 */
export async function changePassword(
  services: Services,
  person: SignedInPerson,
  input: { password: string; newPassword: string },
): Promise<NewSession> {
  const { user } = person;
  refusePersonal(input.newPassword, user);
  const comparedHash = await checkOwnPassword(services, person, input.password);
  const passwordHash = await services.passwords.hash(input.newPassword);
  return withoutTenant(services.db, async (tx) => {
    const changed = await tx.db
      .update(users)
      .set({ passwordHash })
      .where(and(eq(users.id, user.id), eq(users.passwordHash, comparedHash)))
      .returning({ secondFactorSince: users.secondFactorSince });
    if (!changed[0]) throw new DomainError("wrong_password");
    const confirmedAt = changed[0].secondFactorSince ? await readProvedAt(tx, person) : undefined;
    // What somebody else asked for by the old password dies with it: another address, another password.
    await useUpTokens(tx, services, { userId: user.id, purposes: ["change_email", "reset_password"] });
    await services.sessions.endAll(user.id, undefined, tx);
    const { address = "", userAgent = "" } = user.origin ?? {};
    const session = await services.sessions.create(user.id, { address, userAgent, confirmedAt }, tx);
    recordPersonAudit(tx, services, { userId: user.id, origin: user.origin, action: "password.changed" });
    await sendMail(tx, services, {
      cause: `password_changed:${session.id}`,
      to: user.email,
      mail: noticeOf(services, user),
    });
    tx.afterCommit(() => services.bus.touchPerson(user.id));
    return session;
  });
}

/** When the person proved in this session that it is them; a session that was ended meanwhile proves nothing. */
async function readProvedAt({ db }: Pick<TransactionScope, "db">, { user, session }: SignedInPerson): Promise<Date> {
  const [row] = await db
    .select({ confirmedAt: sessions.confirmedAt })
    .from(sessions)
    .where(and(eq(sessions.id, session.id), eq(sessions.userId, user.id)));
  return row?.confirmedAt ?? new Date(0);
}

/** The schema cannot know whose password it is. */
function refusePersonal(password: string, { name, email }: CallingUser): void {
  const weakness = findPasswordWeakness(password, [name, email]);
  if (!weakness) return;
  const message = weaknessMessages[weakness];
  throw new ZodRealError([{ code: "custom", path: ["newPassword"], message, input: undefined }]);
}

function noticeOf({ clock, publicUrl }: Services, { name, origin }: CallingUser) {
  return {
    template: "password_changed",
    name,
    changedAt: clock.now(),
    address: origin?.address ?? "",
    device: deviceName(origin?.userAgent ?? ""),
    url: `${publicUrl}/settings/security`,
  } as const;
}
