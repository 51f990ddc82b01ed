import type { Bus } from "./bus.ts";
import { createWakeUps } from "./wake-ups.ts";
import type { Unwatch } from "./watches.ts";

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

/**
 * The same as followPerson for many people at once, without a generator each: `tell` is called in a later turn of the event
 * loop, once at the start and once after each change; changes in quick succession are told once. It must not throw.
 */
export function watchPersonHints(bus: Bus, userId: string, tell: () => void): Unwatch {
  let pending: NodeJS.Immediate | undefined;
  const tellSoon = () => {
    pending ??= setImmediate(() => {
      pending = undefined;
      tell();
    });
  };
  const unwatch = bus.watchPerson(userId, tellSoon);
  tellSoon();
  return () => {
    unwatch();
    clearImmediate(pending);
  };
}
