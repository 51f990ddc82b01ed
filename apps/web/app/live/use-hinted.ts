import { useNavigation, useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { readApiError } from "~/api/read-error";
import { personHints } from "./person-hints";
import { createThrottle } from "./throttle";

/** Read again at most this often, in milliseconds, however many hints arrive. */
const REFETCH_EVERY_MS = 400;

interface Hinted<T> {
  /** What the loader has read; a new object whenever it read again. */
  fresh: T;
  /** Reads again. */
  read: () => Promise<T>;
  /** Also looks so often while the page is visible, in milliseconds: for what changes without a hint. */
  everyMs?: number;
}

/**
 * Data that stands in no organization's log: as the loader read it, then as often as the person's channel says that something
 * has changed. What is read last is shown; when it could not be read again, that is said.
 */
export function useHinted<T>({ fresh, read, everyMs }: Hinted<T>) {
  const [shown, setShown] = useState(fresh);
  const [seen, setSeen] = useState(fresh);
  const [refreshError, setRefreshError] = useState<string | null>(null);
  const { revalidate } = useRevalidator();
  const isLeaving = useRef(false);
  isLeaving.current = useNavigation().state !== "idle";
  if (seen !== fresh) {
    setSeen(fresh);
    setShown(fresh);
  }
  const latest = useRef(read);
  latest.current = read;
  const throttle = useRef<ReturnType<typeof createThrottle>>();

  useEffect(() => {
    const made = createThrottle(async () => {
      const asked = latest.current;
      try {
        const found = await asked();
        setRefreshError(null);
        // What was asked of another address, another search, answers nothing here.
        if (asked === latest.current) setShown(found);
        // But the hint was for it, too: what its own loader has read may be older.
        else throttle.current?.request();
      } catch (error) {
        const refused = readApiError(error);
        // What is gone is often gone by the very action whose redirect is under way: reading again would cut it off.
        if (isLeaving.current) return;
        // Signed out, or no longer allowed to: the loaders know what to show then.
        if (refused?.status === 401 || refused?.status === 404) revalidate();
        else setRefreshError(refused?.message ?? "This page could not be refreshed.");
      }
    }, REFETCH_EVERY_MS);
    throttle.current = made;
    const look = () => document.visibilityState === "visible" && made.request();
    const timer = everyMs ? setInterval(look, everyMs) : undefined;
    const stop = personHints.subscribe(made.request);
    return () => {
      clearInterval(timer);
      stop();
      made.stop();
    };
  }, [everyMs, revalidate]);
  return { data: shown, refreshError, refetch: () => throttle.current?.request() };
}
