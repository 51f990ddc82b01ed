import { DomainError } from "@guildhall/shared";
import { type Context, type Origin, originOf } from "../../trpc/context.ts";

/** Who follows a link that came by mail. */
export interface MailReader {
  origin: Origin;
  /** As whom their browser is signed in; null: as nobody. */
  userId: string | null;
}

const OTHERS_ACCOUNT =
  "Sign in to your account in this browser first, then open the link of the mail again. If you have not made this account, ignore the mail.";

export async function readMailReader(ctx: Context): Promise<MailReader> {
  return { origin: originOf(ctx), userId: (await ctx.readSession())?.user.id ?? null };
}

/**
 * Refuses who reads the mail and is not signed in to the account that it is about: somebody may have made the account with
 * the reader's address, and the reader's click must not give it to them. @throws forbidden
 */
export function assertOwnAccount({ userId }: MailReader, accountId: string): void {
  if (userId !== accountId) throw new DomainError("forbidden", {}, OTHERS_ACCOUNT);
}
