/** A run is followed by a pause of so many times what it took: a server that is slow to answer is asked more rarely. */
const PAUSE_TO_RUN = 3;
/** Unless that is longer than this, in milliseconds: nobody waits for news because of one answer that got lost. */
const LONGEST_PAUSE_MS = 5_000;
/** Pauses are longer by up to so much of themselves: pages that were woken in the same moment drift apart. */
const SPREAD = 0.25;

/**
 * Runs at once when asked, then at most once per interval (in milliseconds) however often it is asked, more rarely where runs take
 * long, never twice at a time, and always once more after the last request. `run` handles its own errors. `stop` ends it.
 */
export function createThrottle(run: () => Promise<unknown>, intervalMs: number) {
  let isRunning = false;
  let isWanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  function start() {
    if (isStopped || isRunning || timer || !isWanted) return;
    isWanted = false;
    isRunning = true;
    const startedMs = performance.now();
    void run().finally(() => {
      isRunning = false;
      timer = setTimeout(
        () => {
          timer = undefined;
          start();
        },
        pauseAfter(performance.now() - startedMs, intervalMs),
      );
    });
  }

  return {
    request() {
      isWanted = true;
      start();
    },
    /** Begins again after a stop. */
    resume() {
      isStopped = false;
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

function pauseAfter(tookMs: number, intervalMs: number): number {
  const pauseMs = Math.max(intervalMs, Math.min(tookMs * PAUSE_TO_RUN, LONGEST_PAUSE_MS));
  return pauseMs * (1 + Math.random() * SPREAD);
}
