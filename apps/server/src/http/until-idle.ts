/**
 * Passes on what a source brings, and ends, saying so, when it is asked and brings nothing for `idleMs`. What comes later is
 * dropped. Only waiting for the source counts: whoever is slow to ask does not make it idle.
 */
export async function* untilIdle<T>(source: AsyncIterable<T>, idleMs: number, onIdle: () => void): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const next = await withinTime(iterator.next(), idleMs);
    if (!next) return onIdle();
    if (next.done) return;
    yield next.value;
  }
}

function withinTime<T>(promise: Promise<T>, timeMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeMs, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
