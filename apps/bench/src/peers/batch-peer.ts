import { withOrganization } from "@guildhall/db";
import { type BatchWriter, createBatchWriter, openBook, readBalance, verify } from "@guildhall/ledger";
import { newId } from "@guildhall/shared";
import type { Bench, BenchDatabase } from "../bench.ts";
import { WrongResult } from "../figure.ts";
import type { WalletPeer } from "./wallet-peer.ts";

/** Ours: the ledger's batch writer as the server has it, without the server's own reactions. */
export function createBatchPeer(bench: Bench, database: BenchDatabase): WalletPeer & { writer: BatchWriter } {
  const db = database.app();
  const writer = createBatchWriter({ db });
  bench.onEnd(() => writer.stop());

  async function post(bookId: string, amountMicro: bigint): Promise<void> {
    const isDebit = amountMicro < 0n;
    const { outcome } = await writer.post({
      bookId,
      kind: isDebit ? "usage" : "top_up",
      amountMicro,
      description: isDebit ? "support-triage · atlas-large" : "Credits added",
      idempotencyKey: newId(),
    });
    if (outcome !== "accepted") throw new WrongResult(`A debit that the wallet can pay was answered "${outcome}".`);
  }

  return {
    writer,
    debit: (wallet, amountMicro) => post(wallet, -amountMicro),
    async open(count, amountMicro) {
      const wallets = Array.from({ length: count }, () => newId());
      for (const wallet of wallets) await withOrganization(db, wallet, (tx) => openBook(tx, wallet));
      await Promise.all(wallets.map((wallet) => post(wallet, amountMicro)));
      return wallets;
    },
    async balances(wallets) {
      const patient = database.superuser();
      const drifts = await verify(patient, wallets.length === 1 ? { bookId: wallets[0] as string } : {});
      if (drifts.length > 0) throw new WrongResult(`The ledger drifted: ${JSON.stringify(drifts[0], String)}`);
      const read = wallets.map(async (wallet): Promise<[string, bigint]> => {
        const { balanceMicro } = await withOrganization(db, wallet, (tx) => readBalance(tx, wallet));
        return [wallet, balanceMicro];
      });
      return new Map(await Promise.all(read));
    },
  };
}
