import type { NewLot } from "../posting.ts";

interface ModelLot {
  kind: NewLot["kind"];
  expiresMs: number;
  remaining: bigint;
}

interface ModelHold {
  amount: bigint;
  tolerance: bigint;
  expiresMs: number;
  burned: Burned;
}

/** What a debit took: from which lots, and from the credits without a lot. */
export interface Burned {
  lots: { lot: ModelLot; amount: bigint }[];
  rest: bigint;
}

/** A wallet as one would explain it on paper: no sequences, no SQL. Amounts in micro-credits. */
export class ModelWallet {
  /** Credits without a lot. */
  rest = 0n;
  lots: ModelLot[] = [];
  readonly holds = new Map<string, ModelHold>();
  readonly endedHolds = new Set<string>();

  get available(): bigint {
    return this.lots.reduce((sum, lot) => sum + lot.remaining, this.rest);
  }

  get held(): bigint {
    return [...this.holds.values()].reduce((sum, hold) => sum + hold.amount, 0n);
  }

  /** What happens by itself when the time has come: holds give back, then lots expire. */
  passTime(nowMs: number): void {
    for (const [holdId, hold] of this.holds) if (hold.expiresMs <= nowMs) this.endHold(holdId);
    for (const lot of this.lots) if (lot.expiresMs <= nowMs) lot.remaining = 0n;
  }

  add(amount: bigint, lot?: NewLot): void {
    if (!lot) this.rest += amount;
    else
      this.addLot({
        kind: lot.kind,
        expiresMs: lot.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
        remaining: amount,
      });
  }

  addLot(lot: ModelLot): void {
    this.lots.push(lot);
    // Sorting is stable: of equal lots the older one stays in front.
    this.lots.sort((one, other) => rank(one) - rank(other) || compare(one.expiresMs, other.expiresMs));
  }

  /** Takes from the lots in their order, then from the rest. The caller has checked that there is enough. */
  burn(amount: bigint): Burned {
    const burned: Burned = { lots: [], rest: amount };
    for (const lot of this.lots) {
      const part = lot.remaining < burned.rest ? lot.remaining : burned.rest;
      if (part === 0n) continue;
      lot.remaining -= part;
      burned.rest -= part;
      burned.lots.push({ lot, amount: part });
    }
    this.rest -= burned.rest;
    return burned;
  }

  giveBack({ lots, rest }: Burned): void {
    for (const { lot, amount } of lots) lot.remaining += amount;
    this.rest += rest;
  }

  /** Gives a part back: what was burned last returns first. */
  refund({ lots, rest }: Burned, amount: bigint): void {
    const ofRest = amount < rest ? amount : rest;
    this.rest += ofRest;
    let left = amount - ofRest;
    for (const { lot, amount: burned } of lots.toReversed()) {
      const part = left < burned ? left : burned;
      lot.remaining += part;
      left -= part;
    }
  }

  endHold(holdId: string): void {
    const hold = this.holds.get(holdId);
    if (!hold) return;
    this.holds.delete(holdId);
    this.endedHolds.add(holdId);
    this.giveBack(hold.burned);
  }
}

function rank(lot: ModelLot): number {
  return lot.kind === "promotional" ? 0 : 1;
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
