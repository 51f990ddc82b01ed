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

/**
 * What can be asked for. "settle" ends a hold and posts the usage it was for: both or nothing. "expiry" cannot be asked for:
 * what is due is posted before whatever touches the wallet next, or by expireDue.
 */
export type RequestKind = Exclude<PostingKind, "expiry"> | "settle";

/** Promotional credits are burned before paid ones, those that expire earlier first, those without a lot last. */
export interface NewLot {
  kind: "promotional" | "paid";
  /** From then on what remains of it cannot be spent. Never, when left out. */
  expiresAt?: Date;
}

export interface NewHold {
  /** From then on the hold is released by itself. */
  expiresAt: Date;
  /** How much more than was reserved may be settled, in micro-credits; it must still be in the wallet then. Default 0. */
  toleranceMicro?: bigint;
}

/** What somebody wants posted to one wallet. */
export interface PostingRequest {
  /** The organization or person whose wallet moves. */
  bookId: string;
  kind: RequestKind;
  /**
   * Effect on the wallet in micro-credits: above zero adds, below zero takes; never zero, but for these: a settle takes what
   * was used, maybe nothing; a release has 0, for it gives back what was reserved.
   */
  amountMicro: bigint;
  /** Shown in the wallet's history, up to 500 characters. Empty when the caller has a record under the posting's id that tells it. */
  description: string;
  /** 1 to 200 characters, unique in the book for good. A UUIDv7 is fastest; any other text is hashed. */
  idempotencyKey: string;
  /** The person who asked for it. Not part of what makes two requests the same. */
  actorId?: string;
  /** Stored with the posting: agent, model, member … */
  attributes?: Readonly<Record<string, string | number>>;
  /**
   * What makes two requests with one key the same, if not kind, amount, description and attributes: a text that the caller
   * makes of what it was sent, or what hashToUuid made of it. For amounts that are computed and may come out differently at a retry.
   * A lot and a hold are also compared by their terms, the end of a hold by amount and description alone: its attributes are the hold's.
   */
  fingerprint?: string;
  /** Of a "top_up" that brings credits with a source or an end of their own. The posting's id is the lot's. */
  lot?: NewLot;
  /** Of a "hold". The posting's id is the hold's. */
  hold?: NewHold;
  /** Of "settle" and "release": the hold that ends. */
  holdId?: string;
  /**
   * Of a "refund": the id of the posting that is taken back, so that the lots that it burned get back what they gave. Stored as the
   * attribute refundOf. A posting is refunded once: a second refund that names it fails with a unique violation.
   */
  refundOf?: string;
  /** Of a "transfer": the book that receives what this one gives, in the same type of credit. Its lots go along. */
  toBookId?: string;
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
  /** What was held after this posting, in micro-credits; for a replay after the first one. */
  heldMicro: bigint;
  postedAt: Date;
}

export type PostingResult =
  | PostingAccepted
  | { outcome: "insufficient"; balanceMicro: bigint; requiredMicro: bigint }
  /** The key was used for another request; nothing was done. */
  | { outcome: "conflict"; postingId: string };

/**
 * An accepted request and its result, for what must be written in the same transaction. Some postings come about beside the
 * requests: a hold or lot that was due, the release before what a hold settles, the other half of a transfer. For these the
 * request is made up: no attachment, no actor, the posting's id as key.
 */
export interface Posted {
  request: Omit<PostingRequest, "kind"> & { kind: PostingKind | RequestKind };
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
