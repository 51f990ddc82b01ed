/** A ledger under test: the same debits, posted by different code on the same Postgres server. */
export interface WalletPeer {
  /** Opens so many wallets, each with the same amount in micro-credits, and returns their ids. */
  open(count: number, amountMicro: bigint): Promise<string[]>;
  /** Takes micro-credits from a wallet, with its entry on the other side, and resolves after the commit. */
  debit(wallet: string, amountMicro: bigint): Promise<void>;
  /** What each wallet holds, by the balance that is kept. @throws WrongResult when the entries do not add up to it */
  balances(wallets: readonly string[]): Promise<Map<string, bigint>>;
}
