import { useCallback, useEffect, useMemo, useState } from "react";
import type { Member } from "~/api/types";

/** How many one bulk change may be about; the server's own limit. */
export const MOST_AT_ONCE = 500;

/**
 * Whom the reader has ticked, out of those who are shown and may be changed. Who leaves the list leaves the choice; when something
 * was carried out (`carriedOut` is another object then) the next choice begins anew.
 */
export function useSelection(choosable: readonly Member[], carriedOut: unknown) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const chosen = useMemo(() => choosable.filter(({ userId }) => ticked.has(userId)), [choosable, ticked]);
  const toggle = useCallback((userId: string) => {
    setTicked((before) => {
      const after = new Set(before);
      if (!after.delete(userId)) after.add(userId);
      return after;
    });
  }, []);
  const clear = useCallback(() => setTicked(new Set()), []);
  useEffect(() => {
    if (carriedOut) clear();
  }, [carriedOut, clear]);
  const isAll = choosable.length > 0 && chosen.length === choosable.length;
  const toggleAll = () => setTicked(isAll ? new Set() : new Set(choosable.map(({ userId }) => userId)));
  return { chosen, isTicked: (userId: string) => ticked.has(userId), toggle, toggleAll, isAll, clear };
}

export type Selection = ReturnType<typeof useSelection>;
