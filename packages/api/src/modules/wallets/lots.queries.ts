import { withOrganization } from "@guildhall/db";
import { type Lot, readLots } from "@guildhall/ledger";
import { DAY_MS } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";

/** How far ahead "expiring soon" looks, in milliseconds. */
const EXPIRING_SOON_MS = 30 * DAY_MS;

/**
 * The credits of a wallet that have a source or an end of their own, in the order in which they will be spent, and what of
 * them ends soon. Amounts are decimal texts of micro-credits.
 */
export async function listLots({ db, clock }: Pick<Services, "db" | "clock">, organizationId: string) {
  const now = clock.now();
  const lots = await withOrganization(db, organizationId, (tx) => readLots(tx, organizationId));
  const before = new Date(now.getTime() + EXPIRING_SOON_MS);
  // What has ended cannot be spent any more. It leaves the balance with whatever touches the wallet next, or within a minute.
  const [alive, ended] = [
    lots.filter(({ expiresAt }) => !isOver(expiresAt, now)),
    lots.filter(({ expiresAt }) => isOver(expiresAt, now)),
  ];
  const ending = alive.filter(({ expiresAt }) => expiresAt !== null && expiresAt < before);
  return {
    lots: alive.map(toWire),
    expiringSoon: {
      before: before.toISOString(),
      amountMicro: sumOf(ending),
    },
    /** What has expired and is in the balance still. */
    endedMicro: sumOf(ended),
  };
}

function isOver(expiresAt: Date | null, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function sumOf(lots: readonly Lot[]): string {
  return String(lots.reduce((sum, lot) => sum + lot.remainingMicro, 0n));
}

function toWire({ lotId, kind, grantedMicro, remainingMicro, grantedAt, expiresAt }: Lot) {
  return {
    lotId,
    kind,
    grantedMicro: String(grantedMicro),
    remainingMicro: String(remainingMicro),
    grantedAt: grantedAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
