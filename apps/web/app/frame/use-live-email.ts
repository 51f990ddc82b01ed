import { useEffect, useState } from "react";
import { browserApi } from "~/api/browser-client";
import type { EmailStatus } from "~/api/types";
import { personHints } from "~/live/person-hints";
import { createThrottle } from "~/live/throttle";

/** The status is read again at most this often, in milliseconds. */
const REFETCH_EVERY_MS = 400;

/** The address as loaded, then as it becomes: it is proved and changed in the mail program, in another tab. */
export function useLiveEmail(loaded: EmailStatus): EmailStatus {
  const [status, setStatus] = useState(loaded);
  const [seen, setSeen] = useState(loaded);
  if (seen !== loaded) {
    setSeen(loaded);
    setStatus(loaded);
  }
  useEffect(() => {
    const throttle = createThrottle(async () => {
      const now = await browserApi()
        .email.status.query()
        .catch(() => undefined);
      if (now) setStatus(now);
    }, REFETCH_EVERY_MS);
    const stop = personHints.subscribe(throttle.request);
    return () => {
      stop();
      throttle.stop();
    };
  }, []);
  return status;
}
