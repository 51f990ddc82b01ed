/**
 * Runs at once when asked, then at most once per interval however often it is asked, never twice at a time, and always once more
 * after the last request. `run` handles its own errors. `stop` ends it.
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
    void run().finally(() => {
      isRunning = false;
      timer = setTimeout(() => {
        timer = undefined;
        start();
      }, intervalMs);
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
