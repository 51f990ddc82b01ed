import { withoutTenant } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import { type PersonAuditRecord, recordPersonAudit } from "../../record-audit.ts";
import type { CallingUser, Services } from "../../trpc/context.ts";

/** A version of a model's price, in micro-credits per million tokens. */
export interface NewPrice {
  model: string;
  inputMicroPerMillion: bigint;
  outputMicroPerMillion: bigint;
  /** From when it holds; now, when left out. */
  effectiveFrom?: Date | undefined;
}

/**
 * Adds a version to the price list of the platform. What has been is never repriced: a version begins now or later, and none
 * is changed or removed. Adding the same version again changes nothing. Servers see a version that begins now within
 * seconds, one with a date on the instant.
 * @throws forbidden (not an administrator of the platform), invalid_input (begins in the past), price_exists
 */
export async function addPrice(
  services: Pick<Services, "db" | "clock" | "log">,
  user: CallingUser,
  price: NewPrice,
): Promise<{ model: string; effectiveFrom: string }> {
  if (!user.isPlatformAdmin) throw new DomainError("forbidden", {}, "Only administrators of the platform set prices.");
  const { db, clock, log } = services;
  const now = clock.now();
  const version = { ...price, effectiveFrom: price.effectiveFrom ?? now };
  const { model, effectiveFrom } = version;
  if (effectiveFrom < now) {
    const message = "A price begins now or later: what has been used is not repriced.";
    throw new DomainError("invalid_input", { effectiveFrom: message }, message);
  }
  const isAdded = await withoutTenant(db, async (tx) => {
    const added = await tx.db.insert(modelPrices).values(version).onConflictDoNothing().returning();
    if (added.length > 0) recordPersonAudit(tx, services, describe(user, version));
    return added.length > 0;
  });
  if (!isAdded) {
    const isThisVersion = and(eq(modelPrices.model, model), eq(modelPrices.effectiveFrom, effectiveFrom));
    const [first] = await db.drizzle.select().from(modelPrices).where(isThisVersion);
    if (!first || !isSamePrice(first, version)) throw new DomainError("price_exists", { model });
  } else {
    log.info({ userId: user.id, model, effectiveFrom: effectiveFrom.toISOString() }, "a price was added");
  }
  return { model, effectiveFrom: effectiveFrom.toISOString() };
}

/** The list is the platform's, which has no log of its own: whoever added a price finds it in theirs. */
function describe({ id: userId, origin }: CallingUser, { model, ...after }: NewPrice): PersonAuditRecord {
  return { userId, origin, action: "price.added", subject: { kind: "price", id: model, label: model }, after };
}

type PerMillion = Pick<NewPrice, "inputMicroPerMillion" | "outputMicroPerMillion">;

function isSamePrice(one: PerMillion, other: PerMillion): boolean {
  return (
    one.inputMicroPerMillion === other.inputMicroPerMillion && one.outputMicroPerMillion === other.outputMicroPerMillion
  );
}
