import { rolesWith } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { ownershipOffers } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, gt, isNull } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";

export type Offer = typeof ownershipOffers.$inferSelect;
export type AnsweredOutcome = "accepted" | "declined" | "revoked";

/** The offer of the transaction's organization that is open, in time or not. */
export async function findOpenOffer(tx: Tx): Promise<Offer | undefined> {
  const [offer] = await tx.db
    .select()
    .from(ownershipOffers)
    .where(and(eq(ownershipOffers.organizationId, tx.organizationId), isNull(ownershipOffers.outcome)));
  return offer;
}

/** One offer of the transaction's organization. @throws not_found */
export async function readOffer(tx: Tx, offerId: string): Promise<Offer> {
  const [offer] = await tx.db.select().from(ownershipOffers).where(isOffer(tx, offerId));
  if (!offer) throw new DomainError("not_found");
  return offer;
}

/** When a person was offered the ownership of the transaction's organization since then, whatever has become of it. */
export async function readOfferTimes(tx: Tx, toUserId: string, since: Date): Promise<Date[]> {
  const { organizationId, createdAt } = ownershipOffers;
  const rows = await tx.db
    .select({ createdAt })
    .from(ownershipOffers)
    .where(and(eq(organizationId, tx.organizationId), eq(ownershipOffers.toUserId, toUserId), gt(createdAt, since)));
  return rows.map((row) => row.createdAt);
}

/** Closes an offer without telling anybody: what nobody answered. Call it under the organization's lock. */
export async function closeOffer(tx: Tx, offerId: string, closed: Pick<Offer, "outcome" | "closedAt">): Promise<void> {
  await tx.db.update(ownershipOffers).set(closed).where(isOffer(tx, offerId));
}

/** Closes an offer with an answer: the row, the event for the owners, the audit, a hint to the receiver. */
export async function answerOffer(
  tx: Tx,
  services: Services,
  { offer, outcome, actor }: { offer: Offer; outcome: AnsweredOutcome; actor: OrganizationActor },
): Promise<void> {
  await closeOffer(tx, offer.id, { outcome, closedAt: services.clock.now() });
  announce(tx, services, {
    actorId: actor.userId,
    audience: rolesWith("ownership.offer"),
    event: { type: "ownership.closed", payload: { offerId: offer.id, outcome } },
  });
  recordAudit(tx, services, {
    actor,
    action: `ownership.${outcome}`,
    subject: { kind: "ownership_offer", id: offer.id, label: await nameOf(tx, offer.toUserId) },
    before: { outcome: "open" },
    after: { outcome, giverBecomes: offer.giverBecomes },
  });
  tx.afterCommit(() => services.bus.touchPerson(offer.toUserId));
}

async function nameOf(tx: Tx, userId: string): Promise<string> {
  const [row] = await tx.sql<{ name: string }[]>`SELECT name FROM users WHERE id = ${userId}`;
  return row?.name ?? "";
}

function isOffer(tx: Tx, offerId: string) {
  return and(eq(ownershipOffers.organizationId, tx.organizationId), eq(ownershipOffers.id, offerId));
}
