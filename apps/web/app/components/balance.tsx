import { formatCredits } from "@guildhall/shared";
import clsx from "clsx";
import { useEffect, useRef, useState } from "react";
import { useConnection } from "~/live/connection";
import { useNow } from "./time";
import { relativeTime } from "./time-text";

const MOVE_MS = 450;
/** Screen readers hear a balance at most this often. */
const SAY_EVERY_MS = 5_000;

/**
 * A balance that moves to its new value when it changes, never before it has. While the page is not live it is shown as last
 * known, with its age.
 */
export function Balance({ amountMicro, className }: { amountMicro: string; className?: string }) {
  const shown = useMoving(amountMicro);
  const said = useSaid(amountMicro);
  const { state } = useConnection();
  const isStale = state === "reconnecting" || state === "offline";
  return (
    <span
      className={clsx("figures transition-colors", isStale && "text-ink-faint", className)}
      data-stale={isStale || undefined}
    >
      <span aria-hidden data-testid="balance">
        {formatCredits(shown)}
      </span>
      <span className="sr-only">{formatCredits(amountMicro)}</span>
      <span className="sr-only" aria-live="polite">
        {said}
      </span>
    </span>
  );
}

/** Says how old the figures are while the page is not live; nothing otherwise. */
export function LastKnown({ className }: { className?: string }) {
  const { state, lastLiveAtMs } = useConnection();
  const nowMs = useNow();
  if (state !== "reconnecting" && state !== "offline") return null;
  const age = lastLiveAtMs === undefined ? "" : `, ${relativeTime(lastLiveAtMs, Math.max(nowMs, lastLiveAtMs))}`;
  return <span className={clsx("text-sm text-warning", className)}>last known{age}</span>;
}

/** Moves from the value shown to the new one. The last step is the exact value. */
function useMoving(amountMicro: string): bigint {
  const target = BigInt(amountMicro);
  const [shown, setShown] = useState(target);
  const from = useRef(target);
  useEffect(() => {
    const start = from.current;
    if (start === target) return;
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) {
      from.current = target;
      return setShown(target);
    }
    const startedAt = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      const part = Math.min(1, Math.max(0, (now - startedAt) / MOVE_MS));
      const eased = 1 - (1 - part) ** 3;
      const value = part === 1 ? target : start + BigInt(Math.round(Number(target - start) * eased));
      from.current = value;
      setShown(value);
      if (part < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [target]);
  return shown;
}

/** The sentence for screen readers: empty until the balance changes, then the latest, at most once in five seconds. */
function useSaid(amountMicro: string): string {
  const [said, setSaid] = useState("");
  const first = useRef(amountMicro);
  const lastSaidAtMs = useRef(0);
  useEffect(() => {
    if (amountMicro === first.current) return;
    first.current = "";
    const waitMs = Math.max(0, lastSaidAtMs.current + SAY_EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      lastSaidAtMs.current = Date.now();
      setSaid(`Balance is now ${formatCredits(amountMicro)} credits`);
    }, waitMs);
    return () => clearTimeout(timer);
  }, [amountMicro]);
  return said;
}
