/** The end of a complete row whose last column is its sequence. */
const ROW_END = /,(\d+)\r\n/g;

/**
 * Says how far an export has come by the sequence of the latest row: rows come newest first, so that what lies between the
 * first sequence and the latest one is still to come, whatever the filters leave out.
 */
export function createCsvProgress({ first, last }: { first: bigint; last: bigint }) {
  let rest = "";
  let rows = 0;
  let latest: bigint | undefined;
  const length = last >= first ? last - first + 1n : 0n;

  return {
    /** Takes the next piece of text; pieces may end anywhere. */
    take(text: string): void {
      const seen = rest + text;
      let end = 0;
      for (const match of seen.matchAll(ROW_END)) {
        rows += 1;
        latest = BigInt(match[1] ?? "0");
        end = match.index + match[0].length;
      }
      rest = seen.slice(end);
    },
    rows: () => rows,
    /** From 0 to 1; null while nothing can be said. */
    fraction(): number | null {
      if (length === 0n || latest === undefined) return null;
      const done = last - latest + 1n;
      return Number((done * 1_000n) / length) / 1_000;
    },
  };
}
