/** Ends a watch. Idempotent. */
export type Unwatch = () => void;

type Wake<T> = (fact: T) => void;

/** Who waits for news of what, by key. */
export interface Watches<T> {
  watch(key: string, wake: Wake<T>): Unwatch;
  wake(key: string, fact: T): void;
  wakeAll(fact: T): void;
  /** The keys that somebody watches. */
  keys(): string[];
}

/** Makes an empty set of watches. A key that nobody watches costs one look-up and no memory. */
export function createWatches<T>(): Watches<T> {
  const byKey = new Map<string, Set<Wake<T>>>();
  return {
    watch(key, wake) {
      const watchers = byKey.get(key) ?? new Set();
      // A wrapper, so that the same function can watch twice and each watch ends by itself.
      const watcher: Wake<T> = (fact) => wake(fact);
      byKey.set(key, watchers.add(watcher));
      return () => {
        watchers.delete(watcher);
        if (watchers.size === 0 && byKey.get(key) === watchers) byKey.delete(key);
      };
    },
    wake(key, fact) {
      for (const watcher of byKey.get(key) ?? []) watcher(fact);
    },
    wakeAll(fact) {
      for (const watchers of byKey.values()) for (const watcher of watchers) watcher(fact);
    },
    keys: () => [...byKey.keys()],
  };
}
