/**
 * Works on what a source brings, several at a time, and hands the results out in the order of the source. Reads on only
 * while results are taken and fewer than `maxRunning` are under way, so a slow taker slows the source down. `work` never
 * rejects. Ending early (return) lets what is under way finish unseen.
 */
export async function* mapInOrder<In, Out>(
  source: AsyncIterable<In>,
  work: (item: In) => Promise<Out>,
  maxRunning: number,
): AsyncGenerator<Out> {
  const iterator = source[Symbol.asyncIterator]();
  const running: Promise<Out>[] = [];
  let arriving: Promise<IteratorResult<In>> | undefined;
  let isOver = false;
  while (!isOver || running.length > 0) {
    if (!isOver && running.length < maxRunning) arriving ??= iterator.next();
    const [oldest] = running;
    const first = await firstOf(running.length < maxRunning ? arriving : undefined, oldest);
    if ("result" in first) {
      running.shift();
      yield first.result;
      continue;
    }
    arriving = undefined;
    if (first.arrived.done) isOver = true;
    else running.push(work(first.arrived.value));
  }
}

type First<In, Out> = { result: Out } | { arrived: IteratorResult<In> };

/** Whichever is there first; a result goes before what arrives. */
function firstOf<In, Out>(
  arriving: Promise<IteratorResult<In>> | undefined,
  oldest: Promise<Out> | undefined,
): Promise<First<In, Out>> {
  const candidates: Promise<First<In, Out>>[] = [];
  if (oldest) candidates.push(oldest.then((result) => ({ result })));
  if (arriving) candidates.push(arriving.then((arrived) => ({ arrived })));
  return Promise.race(candidates);
}
