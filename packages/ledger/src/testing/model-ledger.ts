import type { PostingRequest } from "../posting.ts";
import { type Burned, ModelWallet } from "./model-wallet.ts";

/** What the model says that an answer must be; an error by its code. */
export type Expected =
  | { outcome: "accepted" | "replayed"; amount: bigint; balanceAfter: bigint }
  | { outcome: "insufficient" | "conflict" | "hold_closed" | "hold_exceeded" | "not_found" };

interface Remembered {
  content: string;
  amount: bigint;
  balanceAfter: bigint;
}

/** A ledger small enough to be seen to be right: requests one after the other, in memory. */
export class ModelLedger {
  readonly wallets = new Map<string, ModelWallet>();
  private readonly posted = new Map<string, Remembered>();
  /** What was used, by book and key: what of it was burned where, until it is given back. */
  private readonly used = new Map<string, Burned>();

  wallet(bookId: string): ModelWallet {
    const wallet = this.wallets.get(bookId) ?? new ModelWallet();
    this.wallets.set(bookId, wallet);
    return wallet;
  }

  /** Answers requests that arrive together, in their order, as if each came alone. */
  post(requests: PostingRequest[], nowMs: number): Expected[] {
    return requests.map((request) => {
      this.wallet(request.bookId).passTime(nowMs);
      if (request.toBookId) this.wallet(request.toBookId).passTime(nowMs);
      return this.postOne(request);
    });
  }

  /** Whether this was used and not given back. */
  isUsed({ bookId, idempotencyKey }: PostingRequest): boolean {
    return this.used.has(bookId + idempotencyKey);
  }

  private postOne(request: PostingRequest): Expected {
    const key = request.bookId + request.idempotencyKey;
    const content = contentOf(request);
    const first = this.posted.get(key);
    if (first) return first.content === content ? { ...first, outcome: "replayed" } : { outcome: "conflict" };
    const wallet = this.wallet(request.bookId);
    const refusal = refuse(wallet, request);
    if (refusal) return { outcome: refusal };
    const amount = this.apply(wallet, request);
    const remembered = { content, amount, balanceAfter: wallet.available };
    this.posted.set(key, remembered);
    return { ...remembered, outcome: "accepted" };
  }

  /** Moves the credits; returns the amount of the request's own posting. */
  private apply(wallet: ModelWallet, request: PostingRequest): bigint {
    const { kind, amountMicro, holdId = "", hold, toBookId } = request;
    const ended = wallet.holds.get(holdId);
    if (ended) wallet.endHold(holdId);
    if (ended && amountMicro === 0n) return ended.amount;
    const givenBack = request.refundOf && this.used.get(request.bookId + request.refundOf);
    if (givenBack) {
      this.used.delete(request.bookId + request.refundOf);
      wallet.refund(givenBack, amountMicro);
      return amountMicro;
    }
    if (amountMicro > 0n) wallet.add(amountMicro, request.lot);
    if (amountMicro >= 0n) return amountMicro;
    const burned = wallet.burn(-amountMicro);
    if (kind === "usage") this.used.set(request.bookId + request.idempotencyKey, burned);
    if (kind === "hold" && hold) {
      const { expiresAt, toleranceMicro = 0n } = hold;
      const terms = { amount: -amountMicro, tolerance: toleranceMicro, expiresMs: expiresAt.getTime() };
      wallet.holds.set(request.idempotencyKey, { ...terms, burned });
    }
    if (toBookId) {
      const receiver = this.wallet(toBookId);
      for (const { lot, amount } of burned.lots) receiver.addLot({ ...lot, remaining: amount });
      receiver.rest += burned.rest;
    }
    return amountMicro;
  }
}

function refuse(wallet: ModelWallet, { amountMicro, holdId }: PostingRequest) {
  let released = 0n;
  if (holdId !== undefined) {
    if (wallet.endedHolds.has(holdId)) return "hold_closed";
    const hold = wallet.holds.get(holdId);
    if (!hold) return "not_found";
    if (-amountMicro > hold.amount + hold.tolerance) return "hold_exceeded";
    released = hold.amount;
  }
  const change = released + amountMicro;
  return change < 0n && wallet.available + change < 0n ? "insufficient" : undefined;
}

function contentOf({ kind, amountMicro, description, holdId, toBookId }: PostingRequest): string {
  const stored = kind === "settle" ? (amountMicro === 0n ? "release" : "usage") : kind;
  return [stored, amountMicro, description, holdId, toBookId].join("|");
}
