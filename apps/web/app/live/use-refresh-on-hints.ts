import { useRevalidator } from "@remix-run/react";
import { useEffect } from "react";
import { personHints } from "./person-hints";
import { createThrottle } from "./throttle";

/** The page is read again at most this often, in milliseconds. */
const REFETCH_EVERY_MS = 400;

/** Reads the page again when something of the reader's has changed: in another tab, or on another device. */
export function useRefreshOnHints(): void {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const throttle = createThrottle(async () => revalidate(), REFETCH_EVERY_MS);
    const stop = personHints.subscribe(throttle.request);
    return () => {
      stop();
      throttle.stop();
    };
  }, [revalidate]);
}
