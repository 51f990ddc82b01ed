import { createNoticeQueue, type Notice } from "./notice.ts";

export interface Notifier {
  /** Queues a notice. The first leaves at once; what comes while it is under way leaves together afterwards. */
  send(part: Partial<Notice>): void;
  /** Sends what is queued, once, and nothing after it. */
  stop(): Promise<void>;
}

export interface NotifierOptions {
  notify(notice: Notice): Promise<unknown>;
  onError(error: unknown): void;
}

/** Between two NOTIFYs: their rate is bounded however many commits there are. */
const SPACING_MS = 20;
const RETRY_MS = 1_000;

/** Sends notices one after the other. One that failed is sent again, together with what has come since. */
export function createNotifier({ notify, onError }: NotifierOptions): Notifier {
  const queue = createNoticeQueue();
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  function flush(): void {
    const leaving = queue.takeAll();
    sending = notify(leaving).then(
      () => pause(SPACING_MS),
      (error: unknown) => {
        queue.add(leaving);
        onError(error);
        pause(RETRY_MS);
      },
    );
  }

  function pause(delayMs: number): void {
    sending = undefined;
    if (isStopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (!queue.isEmpty()) flush();
    }, delayMs).unref();
  }

  return {
    send(part) {
      if (isStopped) return;
      queue.add(part);
      if (!sending && !timer) flush();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await sending;
      if (!queue.isEmpty()) await notify(queue.takeAll()).catch(onError);
    },
  };
}
