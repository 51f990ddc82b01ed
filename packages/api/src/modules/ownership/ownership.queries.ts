import { can } from "@guildhall/auth";
import { type Database, type TransactionScope, withOrganization, withUser } from "@guildhall/db";
import { organizations, ownershipOffers, users } from "@guildhall/db/schema";
import { and, asc, eq, gt, isNull, type SQL } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { OrganizationActor } from "../../trpc/context.ts";

const givers = alias(users, "givers");
const receivers = alias(users, "receivers");

/** The open offer of an organization, for its owners and for whom it is made; null for everybody else and when there is none. */
export async function readOpenOffer(db: Database, actor: OrganizationActor, now: Date) {
  const [row] = await withOrganization(db, actor.organizationId, (tx) =>
    selectOpen(tx, and(eq(ownershipOffers.organizationId, tx.organizationId), gt(ownershipOffers.expiresAt, now))),
  );
  if (!row || (row.toUserId !== actor.userId && !can(actor.role, "ownership.offer"))) return null;
  return { ...toWire(row), isForYou: row.toUserId === actor.userId, isFromYou: row.fromUserId === actor.userId };
}

/** What is offered to a person, in all their organizations. */
export async function readOffersTo(db: Database, userId: string, now: Date) {
  const rows = await withUser(db, userId, (tx) =>
    selectOpen(tx, and(eq(ownershipOffers.toUserId, userId), gt(ownershipOffers.expiresAt, now))),
  );
  return rows.map((row) => ({ ...toWire(row), slug: row.slug, organizationName: row.organizationName }));
}

type Row = Awaited<ReturnType<typeof selectOpen>>[number];

function toWire(row: Row) {
  return {
    offerId: row.offerId,
    fromUserId: row.fromUserId,
    fromName: row.fromName,
    toUserId: row.toUserId,
    toName: row.toName,
    giverBecomes: row.giverBecomes,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}

function selectOpen(tx: TransactionScope, which: SQL | undefined) {
  return tx.db
    .select({
      offerId: ownershipOffers.id,
      fromUserId: ownershipOffers.fromUserId,
      fromName: givers.name,
      toUserId: ownershipOffers.toUserId,
      toName: receivers.name,
      giverBecomes: ownershipOffers.giverBecomes,
      createdAt: ownershipOffers.createdAt,
      expiresAt: ownershipOffers.expiresAt,
      slug: organizations.slug,
      organizationName: organizations.name,
    })
    .from(ownershipOffers)
    .innerJoin(organizations, eq(organizations.id, ownershipOffers.organizationId))
    .innerJoin(givers, eq(givers.id, ownershipOffers.fromUserId))
    .innerJoin(receivers, eq(receivers.id, ownershipOffers.toUserId))
    .where(and(isNull(ownershipOffers.outcome), which))
    .orderBy(asc(ownershipOffers.createdAt));
}
