import { withOrganization } from "@guildhall/db";
import { createBatchWriter, readBalance } from "@guildhall/ledger";
import { newId } from "@guildhall/shared";
import { drive } from "../drive.ts";
import { assertExact, type Figure, WrongResult } from "../figure.ts";
import { interleave } from "../interleave.ts";
import { createBatchPeer } from "../peers/batch-peer.ts";
import { givenBigWallet } from "../scenarios/big-wallet.ts";
import { createDebitor, describeRates } from "../scenarios/debit-race.ts";
import { medianRatio, readable } from "../statistics.ts";

export const tenMillionRowsShare: Figure = {
  name: "ten-million-rows-share",
  about: "Debits per second of a wallet with 10 million postings, 256 in flight, as a share of an empty wallet's",
  unit: "%",
  better: "higher",
  goal: 75,
  gate: 60,
  async measure(bench) {
    const { database, bookId, rows, balanceMicro } = await givenBigWallet(bench);
    const db = database.app();
    const writer = createBatchWriter({ db });
    bench.onEnd(() => writer.stop());
    const readNow = () => withOrganization(db, bookId, (tx) => readBalance(tx, bookId));
    let debits = 0n;
    const debitBig = async () => {
      const request = { bookId, kind: "usage", amountMicro: -1n, description: "support-triage · atlas-large" } as const;
      const { outcome } = await writer.post({ ...request, idempotencyKey: newId() });
      if (outcome !== "accepted") throw new WrongResult(`A debit was answered "${outcome}".`);
      debits += 1n;
      return 1;
    };
    const empty = await createDebitor(createBatchPeer(bench, await bench.createDatabase()), 1);
    const load = { inFlight: 256, durationMs: bench.size(2_000, 400) };
    const sides = { full: () => drive(load, debitBig), empty: () => drive(load, empty.debit) };
    const result = await interleave(sides, bench.options);
    await empty.check();
    const now = await readNow();
    assertExact("The balance of the full wallet", now.balanceMicro, balanceMicro - debits);
    assertExact("The sequence of the full wallet", now.sequence, BigInt(rows) + debits);
    const note = `${readable(rows)} rows: ${describeRates(result.full, result.empty)}`;
    return { value: 100 * medianRatio(result.full, result.empty), note };
  },
};
