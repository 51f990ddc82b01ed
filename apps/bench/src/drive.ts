/** How much is asked of a side. */
export interface Drive {
  /** Requests under way at any time. */
  inFlight: number;
  /** How long new requests are begun, in milliseconds. */
  durationMs: number;
}

/**
 * Keeps so many requests under way for so long, waits for the last ones and returns how many were answered per second.
 * `work` gets a counter that is unique within the call and resolves with how many units it has done.
 */
export async function drive({ inFlight, durationMs }: Drive, work: (n: number) => Promise<number>): Promise<number> {
  const startedMs = performance.now();
  const endMs = startedMs + durationMs;
  let begun = 0;
  let done = 0;
  const loop = async () => {
    while (performance.now() < endMs) {
      begun += 1;
      const units = await work(begun); // Apart from the sum: `done +=` would read it before the wait.
      done += units;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  return (done / (performance.now() - startedMs)) * 1_000;
}
