import { withOrganization } from "@guildhall/db";
import { postings } from "@guildhall/db/schema";
import { idOfKey } from "@guildhall/ledger";
import type { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";

/**
 * Refuses an order to a wallet, unless something was posted under its key before: then what holds now does not matter, for the ledger
 * answers with what happened then, or with a conflict. Postings stay, so the answer holds for the call that follows.
 * @throws the refusal
 */
export async function refuseUnlessPosted(
  { db }: Pick<Services, "db">,
  order: { organizationId: string; idempotencyKey: string },
  refusal: DomainError,
): Promise<void> {
  const isThis = and(eq(postings.bookId, order.organizationId), eq(postings.id, idOfKey(order.idempotencyKey)));
  const [posted] = await withOrganization(db, order.organizationId, (tx) =>
    tx.db.select({ id: postings.id }).from(postings).where(isThis),
  );
  if (!posted) throw refusal;
}
