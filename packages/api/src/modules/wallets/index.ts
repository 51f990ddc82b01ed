export { addCredits } from "./add-credits.ts";
export { creditAmount, reason } from "./credit-input.ts";
export { deductCredits } from "./deduct-credits.ts";
export { openTransactionExport, type TransactionExport } from "./export-transactions.ts";
export { postToWallet } from "./post-to-wallet.ts";
export { transactionFilters, transactionKinds } from "./transaction-filters.ts";
export { type PostingReaction, walletPostings } from "./wallets.events.ts";
export { listTransactions, readWallet, type Transaction } from "./wallets.queries.ts";
export { walletsRouter } from "./wallets.router.ts";
