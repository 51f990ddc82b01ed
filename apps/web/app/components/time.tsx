import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { exactTime, relativeTime } from "./time-text";

const TICK_MS = 20_000;

interface Now {
  nowMs: number;
  /** Before hydration the reader's zone is unknown: exact times are in UTC. */
  zone: string;
}

const NowContext = createContext<Now>({ nowMs: 0, zone: "UTC" });

/** Gives the page one clock: the server's reading for the first render, so that both render the same, then the reader's own. */
export function NowProvider({ serverNow, children }: { serverNow: string; children: ReactNode }) {
  const [now, setNow] = useState<Now>({ nowMs: Date.parse(serverNow), zone: "UTC" });
  useEffect(() => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const tick = () => setNow({ nowMs: Date.now(), zone: timeZone });
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <NowContext.Provider value={now}>{children}</NowContext.Provider>;
}

/** The page's clock, in milliseconds since 1970. Ticks every 20 s. */
export function useNow(): number {
  return useContext(NowContext).nowMs;
}

interface TimeProps {
  at: string;
  className?: string;
  /** Shows the exact time and its zone in the text. */
  isExact?: boolean;
}

/** A moment, relative ("3 min ago"), with the exact time and its zone on hover. */
export function Time({ at, className, isExact = false }: TimeProps) {
  const { nowMs, zone } = useContext(NowContext);
  return (
    <time dateTime={at} title={exactTime(at, zone)} className={className}>
      {isExact ? exactTime(at, zone) : relativeTime(Date.parse(at), nowMs)}
    </time>
  );
}
