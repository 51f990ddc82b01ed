export { type BatchWriter, type BatchWriterOptions, createBatchWriter } from "./batch-writer.ts";
export { type Balance, type OpenBookOptions, openBook, readBalance, readPostings } from "./books.ts";
export { MAX_AMOUNT_MICRO } from "./check-request.ts";
export type { Charging } from "./deliver-batch.ts";
export { type Burn, type Hold, type Lot, readBurns, readHolds, readLots } from "./holds-and-lots.ts";
export { hashToUuid, idOfKey, isKeyOfItself } from "./idempotency-key.ts";
export type { BatchAnswer, BatchRow } from "./post-batch.ts";
export { type DebitArrays, readDebitAnswers, toDebitArrays } from "./post-debits.ts";
export type {
  NewHold,
  NewLot,
  Posted,
  Posting,
  PostingAccepted,
  PostingKind,
  PostingRequest,
  PostingResult,
  RequestKind,
} from "./posting.ts";
export type { QueuedRequest } from "./queued-request.ts";
export { type Drift, type Verify, type VerifyScope, verify } from "./verify.ts";
