/** One side of a comparison: measures itself once and returns a value, the same unit on all sides. */
export type Side = () => Promise<number>;

/**
 * Measures sides in turn, A B C A B C …, so that a machine that becomes slower becomes so for all of them. Each side is
 * warmed up before, unmeasured. Returns each side's values, by round.
 */
export async function interleave<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  { runs, warmUp = true }: { runs: number; warmUp?: boolean },
): Promise<Record<Name, number[]>> {
  const entries = Object.entries(sides) as [Name, Side][];
  if (warmUp) for (const [, measure] of entries) await measure();
  const values = Object.fromEntries(entries.map(([name]) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < runs; round += 1) {
    for (const [name, measure] of entries) values[name].push(await measure());
  }
  return values;
}
