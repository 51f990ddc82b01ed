/** Who wants to be told of something. Told in the order of their coming, also while others come and go. */
export function createListeners<A extends unknown[]>() {
  const listeners = new Set<(...about: A) => void>();
  return {
    tell(...about: A) {
      for (const listener of [...listeners]) listener(...about);
    },
    /** Returns what ends it. */
    subscribe(listener: (...about: A) => void): () => void {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
