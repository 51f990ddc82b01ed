import { createHash } from "node:crypto";

/**
 * Derives the idempotency key of one row of one run: a UUIDv7 of the run's time, then the row's number, then a hash of
 * both. So keys grow with the rows (which databases like), and repeating a run repeats its keys, which charges nothing twice.
 * Rows count up to 2^32.
 */
export function rowKey(runId: string, row: number): string {
  const bytes = createHash("sha256").update(`${runId} ${row}`).digest().subarray(0, 16);
  Buffer.from(runId.replaceAll("-", ""), "hex").copy(bytes, 0, 0, 6);
  const [high, middle] = [Math.floor(row / 2 ** 20), Math.floor(row / 2 ** 8) % 2 ** 12];
  bytes.writeUInt16BE(0x7000 | (high & 0xfff), 6);
  bytes.writeUInt16BE(0x8000 | middle, 8);
  bytes.writeUInt8(row % 2 ** 8, 10);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
