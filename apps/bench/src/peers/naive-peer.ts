import { newId } from "@guildhall/shared";
import { type Bench, type BenchDatabase, POOL_CONNECTIONS } from "../bench.ts";
import { WrongResult } from "../figure.ts";
import type { WalletPeer } from "./wallet-peer.ts";

/**
 * What one would write first: a transaction per debit that locks the account's row, looks at the balance, updates it and
 * inserts two entries. No second account is locked, no policy is checked and nothing is announced, all in its favour.
 */
export async function createNaivePeer(
  _bench: Bench,
  database: BenchDatabase,
  connections = POOL_CONNECTIONS,
): Promise<WalletPeer> {
  const { sql } = database.superuser(connections);
  await sql.unsafe(`
    CREATE SCHEMA naive;
    CREATE TABLE naive.accounts (id uuid PRIMARY KEY, balance_micro bigint NOT NULL) WITH (fillfactor = 50);
    CREATE TABLE naive.entries (
      posting_id uuid NOT NULL, account_id uuid NOT NULL, amount_micro bigint NOT NULL, description text NOT NULL,
      created_at timestamptz NOT NULL, PRIMARY KEY (posting_id, account_id)
    )`);
  const consumed = newId();

  function debit(wallet: string, amountMicro: bigint): Promise<void> {
    const [id, now, description] = [newId(), new Date(), "support-triage · atlas-large"];
    return sql.begin(async (tx) => {
      const [account] = await tx<{ balance_micro: bigint }[]>`
        SELECT balance_micro FROM naive.accounts WHERE id = ${wallet} FOR UPDATE`;
      if (!account || account.balance_micro < amountMicro) throw new WrongResult("The naive wallet is empty.");
      await tx`UPDATE naive.accounts SET balance_micro = balance_micro - ${amountMicro} WHERE id = ${wallet}`;
      await tx`
        INSERT INTO naive.entries VALUES (${id}, ${wallet}, ${-amountMicro}, ${description}, ${now}),
                                         (${id}, ${consumed}, ${amountMicro}, ${description}, ${now})`;
    }) as Promise<void>;
  }

  return {
    debit,
    async open(count, amountMicro) {
      const wallets = Array.from({ length: count }, () => newId());
      await sql`INSERT INTO naive.accounts SELECT unnest(${wallets}::uuid[]), ${amountMicro}`;
      await sql`
        INSERT INTO naive.entries SELECT gen_random_uuid(), unnest(${wallets}::uuid[]), ${amountMicro}, 'Top-up', now()`;
      return wallets;
    },
    async balances(wallets) {
      const rows = await sql<{ id: string; balance: bigint; entries: bigint }[]>`
        SELECT a.id, a.balance_micro AS balance, sum(e.amount_micro)::bigint AS entries
          FROM naive.accounts a JOIN naive.entries e ON e.account_id = a.id
         WHERE a.id = ANY (${wallets as string[]}::uuid[]) GROUP BY 1, 2`;
      return checked(rows);
    },
  };
}

/** @throws WrongResult */
export function checked(rows: readonly { id: string; balance: bigint; entries: bigint }[]): Map<string, bigint> {
  const wrong = rows.find(({ balance, entries }) => balance !== entries);
  if (wrong) throw new WrongResult(`A peer's balance is ${wrong.balance}, its entries sum to ${wrong.entries}.`);
  return new Map(rows.map(({ id, balance }) => [id, balance]));
}
