import { readFile } from "node:fs/promises";
import { type Bench, type BenchDatabase, POOL_CONNECTIONS } from "../bench.ts";
import { Unavailable } from "../figure.ts";
import { checked } from "./naive-peer.ts";
import type { WalletPeer } from "./wallet-peer.ts";

/** pgledger: double entry in one function of the database, a call and a commit per transfer. Undefined without its file. */
export async function createPgledgerPeer(bench: Bench, database: BenchDatabase): Promise<WalletPeer | undefined> {
  const { pgledgerFile } = bench.options;
  if (!pgledgerFile) return undefined;
  const { sql } = database.superuser(POOL_CONNECTIONS);
  for (const file of pgledgerFile.split(",")) await sql.unsafe(await readFile(file, "utf8"));
  const [source] = await createAccounts(["source"], { isBounded: false });
  /** Where a wallet's debits go: each has its own, as every book of the ledger has, so that wallets do not wait for each other. */
  const sinks = new Map<string, string>();

  async function createAccounts(names: string[], { isBounded }: { isBounded: boolean }): Promise<string[]> {
    const rows = await sql<{ id: string }[]>`
      SELECT a.id FROM unnest(${names}::text[]) AS name, pgledger_create_account(name, 'CREDIT', ${!isBounded}) AS a`;
    return rows.map(({ id }) => id);
  }

  async function transfer(from: string, to: string, amountMicro: bigint): Promise<void> {
    await sql`SELECT id FROM pgledger_create_transfer(${from}, ${to}, ${String(amountMicro)}::numeric)`;
  }

  return {
    debit: (wallet, amountMicro) => transfer(wallet, sinks.get(wallet) as string, amountMicro),
    async open(count, amountMicro) {
      const names = Array.from({ length: count }, (_, n) => `wallet ${n}`);
      const wallets = await createAccounts(names, { isBounded: true });
      const opened = await createAccounts(
        names.map((name) => `sink of ${name}`),
        { isBounded: false },
      );
      for (const [place, wallet] of wallets.entries()) {
        sinks.set(wallet, opened[place] as string);
        await transfer(source as string, wallet, amountMicro);
      }
      return wallets;
    },
    async balances(wallets) {
      const rows = await sql<{ id: string; balance: bigint; entries: bigint }[]>`
        SELECT a.id, a.balance::bigint AS balance, sum(e.amount)::bigint AS entries
          FROM pgledger_accounts a JOIN pgledger_entries e ON e.account_id = a.id
         WHERE a.id = ANY (${wallets as string[]}) GROUP BY 1, 2`;
      return checked(rows);
    },
  };
}

/** @throws Unavailable, saying how to compare with it */
export function needPgledger<T>(values: T | undefined): T {
  if (values) return values;
  throw new Unavailable("Name pgledger's SQL file: --pgledger FILE (its ULID functions before it, after a comma).");
}
