import { useRevalidator } from "@remix-run/react";
import { type QueryKey, useQuery, useQueryClient } from "@tanstack/react-query";
import { type MutableRefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { readApiError } from "~/api/read-error";
import { useFeed } from "./feed-context";
import { catchUp, type Merge, REFETCH } from "./merge";
import { createThrottle } from "./throttle";

/** Under a storm of events a list is read anew at most this often. */
const REFETCH_EVERY_MS = 400;

interface LiveData<T> {
  key: QueryKey;
  /** What the loader has read; a new object whenever it read again. */
  fresh: T;
  /** The log's head before that read. */
  asOf: string;
  merge: Merge<T>;
  /** Reads again, for events that a merge cannot follow. */
  read: () => Promise<T>;
  /** How what was read anew joins what is shown; it replaces it unless told. */
  join?: (shown: T, read: T) => T;
}

const useBrowserLayoutEffect = typeof window === "undefined" ? useEffect : useLayoutEffect;

/**
 * Data of a page that follows the organization's log: starts with what the loader read, merges every event since then in
 * order, reads again where an event does not say enough. Nothing is missed between reading and hearing.
 */
export function useLiveData<T>(options: LiveData<T>) {
  const { key, fresh, asOf, read } = options;
  const latest = useRef(options);
  latest.current = options;
  const feed = useFeed();
  const queryClient = useQueryClient();
  const keyText = JSON.stringify(key);
  const set = useCallback(
    (update: (shown: T) => T) =>
      queryClient.setQueryData<T>(latest.current.key, (shown) => update(shown ?? latest.current.fresh)),
    [queryClient],
  );
  const { request, refreshError } = useRefetch(latest, set);
  const { data = fresh } = useQuery<T>({ queryKey: key, queryFn: read, initialData: fresh });

  useBrowserLayoutEffect(() => {
    const current = catchUp(fresh, { feed, asOf, merge: latest.current.merge });
    set(() => (current === REFETCH ? fresh : current));
    if (current === REFETCH) request();
  }, [fresh, asOf, feed, keyText, set, request]);

  useEffect(
    () =>
      feed.subscribe((event) => {
        if (event.type === "reset") return request();
        const shown = queryClient.getQueryData<T>(latest.current.key);
        if (shown === undefined) return;
        const next = latest.current.merge(shown, event);
        if (next === REFETCH) request();
        else if (next !== shown) set(() => next);
      }),
    [feed, queryClient, request, set],
  );

  return { data, set, refetch: request, refreshError };
}

type Set<T> = (update: (shown: T) => T) => void;

/** Reads again on request, and brings what it found up to what was heard while it was read. */
function useRefetch<T>(latest: MutableRefObject<LiveData<T>>, set: Set<T>) {
  const feed = useFeed();
  const { revalidate } = useRevalidator();
  const [refreshError, setRefreshError] = useState<string | null>(null);
  const throttle = useMemo(() => {
    const readAgain = async () => {
      const { read, join, merge, key } = latest.current;
      const startedAt = feed.lastSequence();
      const found = await read();
      // Another page of the list is shown by now: what was read is not it, and what woke this may concern it as well.
      if (JSON.stringify(latest.current.key) !== JSON.stringify(key)) return made.request();
      setRefreshError(null);
      set((shown) => {
        const joined = join ? join(shown, found) : found;
        const current = catchUp(joined, { feed, asOf: startedAt, merge });
        return current === REFETCH ? joined : current;
      });
    };
    const tell = (error: unknown) => {
      const refused = readApiError(error);
      // Removed meanwhile: the live channel says so, and the page tells it better than a missing list.
      if (refused?.status === 404) return;
      // Signed out or demoted meanwhile: the loaders know what to show then.
      if (refused?.status === 401 || refused?.status === 403) revalidate();
      else setRefreshError(refused?.message ?? "This list could not be refreshed.");
    };
    const made = createThrottle(() => readAgain().catch(tell), REFETCH_EVERY_MS);
    return made;
  }, [feed, latest, set, revalidate]);
  useEffect(() => {
    // React may run an effect, its end and the effect again on the same page.
    throttle.resume();
    return throttle.stop;
  }, [throttle]);
  return { request: throttle.request, refreshError };
}
