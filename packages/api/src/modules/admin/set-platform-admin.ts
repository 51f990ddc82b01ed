import { type Database, withoutTenant } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { asc, eq } from "drizzle-orm";
import { recordPersonAudit } from "../../record-audit.ts";
import type { Services } from "../../trpc/context.ts";

interface PlatformAdminChange {
  /** In the form in which addresses are stored. */
  email: string;
  isPlatformAdmin: boolean;
  /** Also for an address that nobody has proved to be theirs. */
  allowUnverified: boolean;
}

/**
 * Makes a person a platform admin, or makes them none. Nobody can do so in the portal: whoever operates it does, from the
 * command line. Refuses an address that is not verified, since anybody could have signed up with it. Acts at the person's next
 * call; the same again changes nothing. Stands in the person's own audit log.
 * @throws not_found when nobody has this address, forbidden when it is not verified
 */
export async function setPlatformAdmin(
  services: Pick<Services, "db" | "clock">,
  { email, isPlatformAdmin, allowUnverified }: PlatformAdminChange,
): Promise<{ name: string; hasChanged: boolean }> {
  return withoutTenant(services.db, async (tx) => {
    const [person] = await tx.db.select().from(users).where(eq(users.email, email)).for("update");
    if (!person) throw new DomainError("not_found", {}, `Nobody has signed up with ${email}.`);
    const { id, name } = person;
    if (person.isPlatformAdmin === isPlatformAdmin) return { name, hasChanged: false };
    if (isPlatformAdmin && person.emailVerifiedAt === null && !allowUnverified) {
      throw new DomainError("forbidden", {}, `${email} is not verified: anybody could have signed up with it.`);
    }
    await tx.db.update(users).set({ isPlatformAdmin }).where(eq(users.id, id));
    recordPersonAudit(tx, services, {
      userId: id,
      actor: null,
      action: isPlatformAdmin ? "person.platform_admin_granted" : "person.platform_admin_revoked",
      subject: { kind: "person", id, label: name },
      before: { isPlatformAdmin: !isPlatformAdmin },
      after: { isPlatformAdmin },
    });
    return { name, hasChanged: true };
  });
}

/** Everybody who is a platform admin, by address. */
export function listPlatformAdmins(db: Database): Promise<{ email: string; name: string }[]> {
  return db.drizzle
    .select({ email: users.email, name: users.name })
    .from(users)
    .where(eq(users.isPlatformAdmin, true))
    .orderBy(asc(users.email));
}
