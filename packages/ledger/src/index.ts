export { type BatchWriter, type BatchWriterOptions, createBatchWriter } from "./batch-writer.ts";
export { type Balance, type OpenBookOptions, openBook, readBalance, readPostings } from "./books.ts";
export { MAX_AMOUNT_MICRO } from "./check-request.ts";
export { hashToUuid, idOfKey } from "./idempotency-key.ts";
export type { Posted, Posting, PostingAccepted, PostingKind, PostingRequest, PostingResult } from "./posting.ts";
export { type Drift, verify } from "./verify.ts";
