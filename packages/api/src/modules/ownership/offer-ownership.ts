import { rolesWith } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { ownershipOffers } from "@guildhall/db/schema";
import { DomainError, MINUTE_MS, newId } from "@guildhall/shared";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import { sendMail } from "../../send-mail.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { type RosterEntry, readRosterPart } from "../members/index.ts";
import { assertWritable, lockOrganization } from "../organizations/index.ts";
import { decideOffer, OFFER_TTL_MS, OFFERING_WINDOW_MS, OFFERS_PER_WINDOW, waitBeforeOffer } from "./offer-policy.ts";
import { closeOffer, findOpenOffer, type Offer, readOfferTimes } from "./offers.ts";

/** To whom the ownership is offered, and what the giver wants to be afterwards. */
export interface OfferInput {
  userId: string;
  giverBecomes: "owner" | "admin";
}

/**
 * Offers the ownership to a member: they become an owner when they accept within seven days. One offer is open at a time. The
 * same offer again returns the open one. Each new one is a mail, so offering and revoking in turn is limited. Locks the organization.
 * @throws not_found, forbidden, unknown_member, already_owner, already_offered, too_many_attempts
 */
export async function offerOwnership(
  services: Services,
  actor: OrganizationActor,
  input: OfferInput,
): Promise<{ offerId: string; expiresAt: string }> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const organization = await lockOrganization(tx);
    assertWritable(organization);
    const roster = await readRosterPart(tx, [actor.userId, input.userId]);
    const receiver = roster.find(input.userId);
    const decision = decideOffer({ giverRole: roster.find(actor.userId)?.role, receiverRole: receiver?.role });
    if (!receiver || !decision.ok) throw new DomainError(decision.ok ? "unknown_member" : decision.reason);
    const open = await findStandingOffer(tx, services.clock.now());
    if (open && !isSame(open, input, actor)) throw new DomainError("already_offered");
    if (!open) await assertNotTooOften(tx, receiver, services.clock.now());
    const offer = open ?? (await insertOffer(tx, services, { input, actor }));
    if (!open) await tellOffer(tx, services, { offer, actor, receiver, organizationName: organization.name });
    return { offerId: offer.id, expiresAt: offer.expiresAt.toISOString() };
  });
}

/** The open offer; one that has run out is closed instead, and stands in nobody's way. */
async function findStandingOffer(tx: Tx, now: Date): Promise<Offer | undefined> {
  const open = await findOpenOffer(tx);
  if (!open || open.expiresAt > now) return open;
  await closeOffer(tx, open.id, { outcome: "expired", closedAt: open.expiresAt });
  return undefined;
}

/** @throws too_many_attempts, naming the person and how long to wait */
async function assertNotTooOften(tx: Tx, { userId, name }: RosterEntry, now: Date): Promise<void> {
  const since = new Date(now.getTime() - OFFERING_WINDOW_MS);
  const waitMs = waitBeforeOffer(await readOfferTimes(tx, userId, since), now);
  if (waitMs === 0) return;
  const minutes = Math.ceil(waitMs / MINUTE_MS);
  const wait = `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  const message = `${name} was offered the ownership ${OFFERS_PER_WINDOW} times within an hour, and mailed each time. Try again in ${wait}.`;
  throw new DomainError("too_many_attempts", { retryAfterSeconds: Math.ceil(waitMs / 1_000) }, message);
}

function isSame(open: Offer, input: OfferInput, actor: OrganizationActor): boolean {
  return open.toUserId === input.userId && open.fromUserId === actor.userId && open.giverBecomes === input.giverBecomes;
}

async function insertOffer(
  tx: Tx,
  services: Services,
  { input, actor }: { input: OfferInput; actor: OrganizationActor },
): Promise<Offer> {
  const now = services.clock.now();
  const [offer] = await tx.db
    .insert(ownershipOffers)
    .values({
      organizationId: tx.organizationId,
      id: newId(now.getTime()),
      fromUserId: actor.userId,
      toUserId: input.userId,
      giverBecomes: input.giverBecomes,
      createdAt: now,
      expiresAt: new Date(now.getTime() + OFFER_TTL_MS),
    })
    .returning();
  if (!offer) throw new Error("An inserted offer returned no row.");
  return offer;
}

interface NewOffer {
  offer: Offer;
  actor: OrganizationActor;
  receiver: RosterEntry;
  organizationName: string;
}

async function tellOffer(tx: Tx, services: Services, { offer, actor, receiver, organizationName }: NewOffer) {
  const { id: offerId, giverBecomes, expiresAt } = offer;
  const people = { fromUserId: actor.userId, fromName: actor.name, toUserId: receiver.userId, toName: receiver.name };
  const times = { createdAt: offer.createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
  announce(tx, services, {
    actorId: actor.userId,
    audience: rolesWith("ownership.offer"),
    event: { type: "ownership.offered", payload: { offerId, giverBecomes, ...people, ...times } },
  });
  recordAudit(tx, services, {
    actor,
    action: "ownership.offered",
    subject: { kind: "ownership_offer", id: offerId, label: receiver.name },
    after: { to: receiver.userId, giverBecomes, expiresAt },
  });
  await sendMail(tx, services, {
    cause: `ownership_offer:${offerId}`,
    to: receiver.email,
    mail: {
      template: "ownership_offer",
      name: receiver.name,
      organizationName,
      offeredByName: actor.name,
      url: `${services.publicUrl}/o/${actor.slug}/ownership`,
      expiresAt,
    },
  });
  tx.afterCommit(() => services.bus.touchPerson(receiver.userId));
}
