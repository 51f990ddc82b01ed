import type { QueryKey } from "@tanstack/react-query";
import { joinNewest, joinOlder, type Rows, refetchOn } from "./merge-rows";
import { useLiveData } from "./use-live-data";

interface LiveRows<T> {
  key: QueryKey;
  fresh: Rows<T>;
  asOf: string;
  /** Where the page begins that the loader read; null for the newest one. Older pages change no more. */
  cursor: string | null;
  /** Reads one page, the newest without a cursor. */
  readPage: (cursor: string | undefined) => Promise<Rows<T>>;
  idOf: (row: T) => string;
}

/** Rows of the wallet in pages, newest first: new ones join as the balance moves, older ones are appended on demand. */
export function useLiveRows<T>({ key, fresh, asOf, cursor, readPage, idOf }: LiveRows<T>) {
  const { data, set, refetch, refreshError } = useLiveData<Rows<T>>({
    key,
    fresh,
    asOf,
    // The event sums postings up: which rows there are, only a read can tell.
    merge: cursor ? (shown) => shown : refetchOn("wallet.balance_changed"),
    read: () => readPage(cursor ?? undefined),
    join: (shown, newest) => joinNewest(shown, newest, idOf),
  });
  const loadOlder = async (before: string) => {
    const older = await readPage(before);
    set((shown) => joinOlder(shown, { before, older, idOf }));
  };
  return { ...data, loadOlder, refetch, refreshError };
}
