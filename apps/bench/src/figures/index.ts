import type { Figure } from "../figure.ts";
import { hotWalletAgainstNaive } from "./hot-wallet-against-naive.ts";
import { hotWalletAgainstPgledger } from "./hot-wallet-against-pgledger.ts";
import { httpBulkAgainstNaive } from "./http-bulk-against-naive.ts";
import { httpDebitAgainstNaive } from "./http-debit-against-naive.ts";
import { httpDebitShareOfEcho } from "./http-debit-share-of-echo.ts";
import { thousandWalletsAgainstNaive } from "./thousand-wallets-against-naive.ts";
import { thousandWalletsAgainstPgledger } from "./thousand-wallets-against-pgledger.ts";
import { unloadedDebit } from "./unloaded-debit.ts";

/** Every figure, in the order in which they are measured. */
export const figures: readonly Figure[] = [
  hotWalletAgainstNaive,
  hotWalletAgainstPgledger,
  thousandWalletsAgainstNaive,
  thousandWalletsAgainstPgledger,
  unloadedDebit,
  httpDebitAgainstNaive,
  httpDebitShareOfEcho,
  httpBulkAgainstNaive,
];
