import { useRevalidator } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { browserApi, closeBrowserApi, retryDelayMs } from "~/api/browser-client";
import { readApiError } from "~/api/read-error";
import { connection } from "./connection";

/** How long the channel may be away before the page asks whether its session still holds, in milliseconds. */
const ASK_SESSION_AFTER_MS = 3_000;

/** Follows what concerns the reader beyond one organization. `onChanged` is told when their list of organizations changed. */
export function usePersonLive(onChanged: () => void): void {
  const changed = useRef(onChanged);
  changed.current = onChanged;
  const { revalidate } = useRevalidator();

  useEffect(() => {
    let attempt = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let subscription: { unsubscribe(): void } | undefined;
    const again = () => {
      timer = setTimeout(follow, retryDelayMs(attempt++));
    };
    function follow() {
      subscription = browserApi().live.person.subscribe(undefined, {
        // The first hint comes at once: something may have changed before this moment.
        onData() {
          attempt = 0;
          changed.current();
        },
        onError: (error) => (readApiError(error)?.status === 401 ? revalidate() : again()),
        onComplete: again,
      });
    }
    follow();
    return () => {
      clearTimeout(timer);
      subscription?.unsubscribe();
      closeBrowserApi();
    };
  }, [revalidate]);

  useSessionWatch(revalidate);
  useOnlineWatch();
}

/** A refused socket does not say why. When it stays away, the page asks over HTTP; without a session its loaders lead to sign-in. */
function useSessionWatch(revalidate: () => void) {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = connection.subscribe(() => {
      clearTimeout(timer);
      const { state, isSessionOver } = connection.get();
      if (isSessionOver) return revalidate();
      if (state !== "reconnecting") return;
      timer = setTimeout(async () => {
        const me = await browserApi()
          .identity.me.query()
          .catch(() => undefined);
        if (me === null) revalidate();
      }, ASK_SESSION_AFTER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [revalidate]);
}

function useOnlineWatch() {
  useEffect(() => {
    const update = () => connection.online(navigator.onLine);
    update();
    window.addEventListener("online", update);
    window.addEventListener("offline", update);
    return () => {
      window.removeEventListener("online", update);
      window.removeEventListener("offline", update);
    };
  }, []);
}
