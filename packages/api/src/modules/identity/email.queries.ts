import { users } from "@guildhall/db/schema";
import { eq } from "drizzle-orm";
import type { MailDelivery, Services } from "../../trpc/context.ts";
import { readPendingEmail } from "./identity-tokens.ts";

/** A person's address as their pages show it. */
export interface EmailStatus {
  email: string;
  isVerified: boolean;
  /** Asked for and not confirmed yet. */
  pendingEmail: string | null;
  delivery: MailDelivery;
}

/** Reads it anew: it changes in another tab, or in the mail program. */
export async function readEmailStatus(services: Services, userId: string): Promise<EmailStatus> {
  const [[person], pendingEmail] = await Promise.all([
    services.db.drizzle
      .select({ email: users.email, emailVerifiedAt: users.emailVerifiedAt })
      .from(users)
      .where(eq(users.id, userId)),
    readPendingEmail(services, userId),
  ]);
  const { mailDelivery: delivery } = services;
  return { email: person?.email ?? "", isVerified: Boolean(person?.emailVerifiedAt), pendingEmail, delivery };
}
