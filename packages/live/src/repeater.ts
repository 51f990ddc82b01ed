export interface RepeaterOptions {
  isNeeded(): boolean;
  /** Does one round of the work; returns how long to wait before the next one may begin, in milliseconds. */
  run(): Promise<number>;
  /** A round failed. The next comes after a pause that grows from 0.25 s to 5 s as long as rounds fail. */
  onError(error: unknown): void;
}

export interface Repeater {
  /** Begins a round now if one is needed and neither a round nor a pause is under way. */
  nudge(): void;
  /** Begins no further round. */
  stop(): void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/** Repeats work as long as it is needed: one round at a time, the first one at once. */
export function createRepeater({ isNeeded, run, onError }: RepeaterOptions): Repeater {
  let isRunning = false;
  let isStopped = false;
  let retryMs = FIRST_RETRY_MS;
  let timer: NodeJS.Timeout | undefined;

  async function round(): Promise<void> {
    isRunning = true;
    let pauseMs = retryMs;
    try {
      pauseMs = await run();
      retryMs = FIRST_RETRY_MS;
    } catch (error) {
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      if (!isStopped) onError(error);
    }
    isRunning = false;
    if (isStopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      nudge();
    }, pauseMs).unref();
  }

  function nudge(): void {
    if (isNeeded() && !isRunning && !timer && !isStopped) void round();
  }

  return {
    nudge,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
