export { addCredits } from "./add-credits.ts";
export { type AdjustedBalance, toAdjustedBalance } from "./adjust-balance.ts";
export { AuditedPosting, auditPostings } from "./audit-postings.ts";
export { creditAmount, reason } from "./credit-input.ts";
export { deductCredits } from "./deduct-credits.ts";
export { describeUse } from "./describe-use.ts";
export { openTransactionExport, type TransactionExport } from "./export-transactions.ts";
export {
  HoldAttachment,
  HoldEndAttachment,
  type Holder,
  type HoldOrder,
  type HoldResult,
  listHolds,
  releaseHold,
  reserveCredits,
  settleHold,
} from "./holds.ts";
export { postToWallet } from "./post-to-wallet.ts";
export { refuseUnlessPosted } from "./refuse-unless-posted.ts";
export { transactionFilters, transactionKinds } from "./transaction-filters.ts";
export { decideAdjustment } from "./wallet-policy.ts";
export { type PostingReaction, walletPostings } from "./wallets.events.ts";
export { listTransactions, readWallet, type Transaction } from "./wallets.queries.ts";
export { walletsRouter } from "./wallets.router.ts";
