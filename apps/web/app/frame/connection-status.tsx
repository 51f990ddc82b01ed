import { StatusDot } from "~/components/badge";
import { useNow } from "~/components/time";
import { relativeTime } from "~/components/time-text";
import { type ConnectionState, useConnection } from "~/live/connection";

const WORDS: Record<ConnectionState, string> = {
  connecting: "Connecting…",
  live: "Live",
  reconnecting: "Reconnecting…",
  offline: "Offline",
};

const TONES = { connecting: "neutral", live: "positive", reconnecting: "warning", offline: "danger" } as const;

/** Whether what is on screen is kept up to date: a dot and a word, and since when it is not. */
export function ConnectionStatus() {
  const { state, lastLiveAtMs } = useConnection();
  const nowMs = useNow();
  const isStale = (state === "reconnecting" || state === "offline") && lastLiveAtMs !== undefined;
  return (
    <div
      role="status"
      data-connection={state}
      className="flex items-center gap-2 px-2 text-ink-muted text-xs noscript:hidden"
    >
      <StatusDot tone={TONES[state]} className={state === "reconnecting" ? "animate-pulse" : undefined} />
      <span>{WORDS[state]}</span>
      {isStale && (
        <span aria-hidden className="truncate text-ink-faint">
          as of {relativeTime(lastLiveAtMs, Math.max(nowMs, lastLiveAtMs))}
        </span>
      )}
    </div>
  );
}
