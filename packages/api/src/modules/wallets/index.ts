export { addCredits } from "./add-credits.ts";
export { creditAmount, reason } from "./credit-input.ts";
export { deductCredits } from "./deduct-credits.ts";
export { postToWallet } from "./post-to-wallet.ts";
export { type PostingReaction, walletPostings } from "./wallets.events.ts";
export { listTransactions, readWallet } from "./wallets.queries.ts";
export { walletsRouter } from "./wallets.router.ts";
