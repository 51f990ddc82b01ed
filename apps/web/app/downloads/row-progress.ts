/**
 * Says how far an export has come by counting its rows, for files whose length is known beforehand. Line breaks inside of quotes
 * are none of its rows' ends.
 */
export function createRowProgress(totalRows: number) {
  let rows = -1; // The head is a row of text, but none of data.
  let isQuoted = false;

  return {
    /** Takes the next piece of text; pieces may end anywhere. */
    take(text: string): void {
      for (const character of text) {
        if (character === '"') isQuoted = !isQuoted;
        else if (character === "\n" && !isQuoted) rows += 1;
      }
    },
    rows: () => Math.max(0, rows),
    /** From 0 to 1. What joins while the file is written does not lead beyond 1. */
    fraction: (): number | null => (totalRows === 0 ? null : Math.min(1, Math.max(0, rows) / totalRows)),
  };
}
