import type { Figure } from "../figure.ts";
import { commitToClient } from "./commit-to-client.ts";
import { fanOutAgainstSocketIo } from "./fan-out-against-socket-io.ts";
import { fanOutAgainstStockTrpc } from "./fan-out-against-stock-trpc.ts";
import { historyPage } from "./history-page.ts";
import { hotWalletAgainstNaive } from "./hot-wallet-against-naive.ts";
import { hotWalletAgainstPgledger } from "./hot-wallet-against-pgledger.ts";
import { httpBulkAgainstNaive } from "./http-bulk-against-naive.ts";
import { httpDebitAgainstNaive } from "./http-debit-against-naive.ts";
import { httpDebitShareOfEcho } from "./http-debit-share-of-echo.ts";
import { idleWatcherMemory } from "./idle-watcher-memory.ts";
import { tenMillionRowsShare } from "./ten-million-rows-share.ts";
import { thousandWalletsAgainstNaive } from "./thousand-wallets-against-naive.ts";
import { thousandWalletsAgainstPgledger } from "./thousand-wallets-against-pgledger.ts";
import { twoProcessesShare } from "./two-processes-share.ts";
import { twoProcessesWrongAnswers } from "./two-processes-wrong-answers.ts";
import { unloadedDebit } from "./unloaded-debit.ts";
import { watchedDebitShare } from "./watched-debit-share.ts";

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
  twoProcessesShare,
  twoProcessesWrongAnswers,
  commitToClient,
  watchedDebitShare,
  fanOutAgainstStockTrpc,
  fanOutAgainstSocketIo,
  idleWatcherMemory,
  tenMillionRowsShare,
  historyPage,
];
