import type { Bus } from "./bus.ts";
import { createWakeUps } from "./wake-ups.ts";

export interface FollowPerson {
  bus: Bus;
  userId: string;
  signal: AbortSignal;
}

/**
 * Yields when a person's list of organizations may look different: once at the start, because something may have changed
 * between the page's own reading and this call, then after each change; changes in quick succession are told once.
 */
export async function* followPerson({ bus, userId, signal }: FollowPerson): AsyncGenerator<void, void, undefined> {
  const wakeUps = createWakeUps();
  let isTouched = true;
  const unwatch = bus.watchPerson(userId, () => {
    isTouched = true;
    wakeUps.wake();
  });
  try {
    while (!signal.aborted) {
      if (isTouched) {
        isTouched = false;
        yield;
      } else {
        await wakeUps.next(signal);
      }
    }
  } finally {
    unwatch();
  }
}
