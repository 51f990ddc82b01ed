import { newId } from "@guildhall/shared";
import { type Bench, type BenchDatabase, POOL_CONNECTIONS } from "../bench.ts";
import { WrongResult } from "../figure.ts";
import type { WalletPeer } from "./wallet-peer.ts";

/**
 * What one would write first for the same job: a transaction per debit that locks both accounts with FOR UPDATE, looks at the
 * balance, inserts the posting under its idempotency key and its two entries with the balances after them, and updates both
 * accounts. In its favour: every wallet has a counter account of its own, so that wallets do not wait for each other; no walls, no
 * policy, no event; and statements that can go together do.
 */
export async function createNaivePeer(
  _bench: Bench,
  database: BenchDatabase,
  connections = POOL_CONNECTIONS,
): Promise<WalletPeer> {
  const { sql } = database.superuser(connections);
  await sql.unsafe(SCHEMA);
  const counters = new Map<string, string>();

  function debit(wallet: string, amountMicro: bigint): Promise<void> {
    const [id, now, description] = [newId(), new Date(), "support-triage · atlas-large"];
    const counter = counters.get(wallet) as string;
    return sql.begin(async (tx) => {
      const accounts = await tx<Account[]>`
        SELECT id, balance_micro, version FROM naive.accounts WHERE id IN (${wallet}, ${counter}) ORDER BY id FOR UPDATE`;
      const [source, sink] = [wallet, counter].map((named) => accounts.find((account) => account.id === named));
      if (!source || !sink || source.balance_micro < amountMicro) throw new WrongResult("The naive wallet is empty.");
      const [left, consumed] = [source.balance_micro - amountMicro, sink.balance_micro + amountMicro];
      await tx`INSERT INTO naive.postings VALUES (${id}, ${wallet}, ${counter}, ${amountMicro}, ${description}, ${now})`;
      await tx`
        INSERT INTO naive.entries VALUES (${wallet}, ${source.version + 1n}, ${id}, ${-amountMicro}, ${left}, ${now}),
                                         (${counter}, ${sink.version + 1n}, ${id}, ${amountMicro}, ${consumed}, ${now})`;
      await tx`UPDATE naive.accounts SET balance_micro = ${left}, version = version + 1 WHERE id = ${wallet}`;
      await tx`UPDATE naive.accounts SET balance_micro = ${consumed}, version = version + 1 WHERE id = ${counter}`;
    }) as Promise<void>;
  }

  return {
    debit,
    async open(count, amountMicro) {
      const wallets = Array.from({ length: count }, () => newId());
      for (const wallet of wallets) counters.set(wallet, newId());
      const ofCounters = wallets.map((wallet) => counters.get(wallet) as string);
      await sql`INSERT INTO naive.accounts SELECT unnest(${wallets}::uuid[]), ${amountMicro}, 1`;
      await sql`INSERT INTO naive.accounts SELECT unnest(${ofCounters}::uuid[]), 0, 0`;
      await sql`
        INSERT INTO naive.entries SELECT unnest(${wallets}::uuid[]), 1, gen_random_uuid(), ${amountMicro}, ${amountMicro}, now()`;
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

interface Account {
  id: string;
  balance_micro: bigint;
  version: bigint;
}

const SCHEMA = `
  CREATE SCHEMA naive;
  CREATE TABLE naive.accounts (
    id uuid PRIMARY KEY, balance_micro bigint NOT NULL, version bigint NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE naive.postings (
    id uuid PRIMARY KEY, source_id uuid NOT NULL, sink_id uuid NOT NULL, amount_micro bigint NOT NULL,
    description text NOT NULL, created_at timestamptz NOT NULL
  );
  CREATE TABLE naive.entries (
    account_id uuid NOT NULL, sequence bigint NOT NULL, posting_id uuid NOT NULL, amount_micro bigint NOT NULL,
    balance_after_micro bigint NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (account_id, sequence)
  )`;

/** @throws WrongResult */
export function checked(rows: readonly { id: string; balance: bigint; entries: bigint }[]): Map<string, bigint> {
  const wrong = rows.find(({ balance, entries }) => balance !== entries);
  if (wrong) throw new WrongResult(`A peer's balance is ${wrong.balance}, its entries sum to ${wrong.entries}.`);
  return new Map(rows.map(({ id, balance }) => [id, balance]));
}
