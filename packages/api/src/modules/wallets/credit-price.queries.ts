import { type Database, withOrganization } from "@guildhall/db";
import { creditTypes, organizations } from "@guildhall/db/schema";
import { and, eq } from "drizzle-orm";
import type { CreditPrice } from "./payment-policy.ts";

/** What the credits of an organization's wallet cost, by their type; undefined for a wallet without a type, which has no price. */
export async function readCreditPrice(db: Database, organizationId: string): Promise<CreditPrice | undefined> {
  const isItsType = and(
    eq(creditTypes.enterpriseId, organizations.enterpriseId),
    eq(creditTypes.id, organizations.creditTypeId),
  );
  const { currency, microPerMinorUnit } = creditTypes;
  const [price] = await withOrganization(db, organizationId, (tx) =>
    tx.db
      .select({ creditTypeId: creditTypes.id, currency, microPerMinorUnit })
      .from(organizations)
      .innerJoin(creditTypes, isItsType)
      .where(eq(organizations.id, organizationId)),
  );
  return price;
}

/** The price as it goes over the wire; null without one. */
export async function readPriceForSale(db: Database, organizationId: string) {
  const price = await readCreditPrice(db, organizationId);
  return price ? { currency: price.currency, microPerMinorUnit: String(price.microPerMinorUnit) } : null;
}
