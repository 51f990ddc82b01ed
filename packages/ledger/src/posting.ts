/**
 * Why a wallet moves. The kind decides the account on the other side (ledger.counter_of) and which sign is possible:
 * usage, expiry, hold and top_up_reversal take; top_up, refund and release add; adjustment and transfer do either.
 */
export type PostingKind =
  | "top_up"
  | "top_up_reversal"
  | "usage"
  | "refund"
  | "adjustment"
  | "expiry"
  | "transfer"
  | "hold"
  | "release";

/** What somebody wants posted to one wallet. */
export interface PostingRequest {
  /** The organization or person whose wallet moves. */
  bookId: string;
  kind: PostingKind;
  /** Effect on the wallet in micro-credits: above zero adds, below zero takes; never zero. */
  amountMicro: bigint;
  /** Shown in the wallet's history, up to 500 characters. */
  description: string;
  /** 1 to 200 characters, unique in the book for good. A UUIDv7 is fastest; any other text is hashed. */
  idempotencyKey: string;
  /** The person who asked for it. Not part of what makes two requests the same. */
  actorId?: string;
  /** Stored with the posting: agent, model, member … */
  attributes?: Readonly<Record<string, string | number>>;
  /**
   * What makes two requests with one key the same, if not kind, amount, description and attributes: a text that the caller
   * makes of what it was sent. For amounts that are computed and may come out differently at a retry.
   */
  fingerprint?: string;
  /** Not stored: handed to onPosted. */
  attachment?: unknown;
}

/** A posting that exists, now or from before. */
export interface PostingAccepted {
  /** "replayed": posted before under this key with the same content; this is that first result. */
  outcome: "accepted" | "replayed";
  /** The idempotency key as a UUID; unique in the book. */
  postingId: string;
  /** Place in the wallet's history: 1, 2, 3 … without gaps. */
  sequence: bigint;
  amountMicro: bigint;
  /** What the wallet could spend after this posting, in micro-credits. */
  balanceAfterMicro: bigint;
  /** What was held after this posting, in micro-credits; for a replay what is held now. */
  heldMicro: bigint;
  postedAt: Date;
}

export type PostingResult =
  | PostingAccepted
  | { outcome: "insufficient"; balanceMicro: bigint; requiredMicro: bigint }
  /** The key was used for another request; nothing was done. */
  | { outcome: "conflict"; postingId: string };

/** An accepted request and its result, for what must be written in the same transaction. */
export interface Posted {
  request: PostingRequest;
  result: PostingAccepted & { outcome: "accepted" };
}

/** A row of a wallet's history. */
export interface Posting {
  postingId: string;
  sequence: bigint;
  kind: PostingKind;
  description: string;
  actorId: string | null;
  amountMicro: bigint;
  balanceAfterMicro: bigint;
  attributes: Record<string, string | number>;
  postedAt: Date;
}
