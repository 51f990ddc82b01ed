import { DAY_MS, HOUR_MS, MINUTE_MS } from "@guildhall/shared";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** How long ago, or how soon, in one unit; from a week on the date. In English whatever the machine speaks: both sides agree. */
export function relativeTime(atMs: number, nowMs: number): string {
  const distanceMs = Math.abs(nowMs - atMs);
  const phrase = (amount: number, unit: string) => (atMs <= nowMs ? `${amount} ${unit} ago` : `in ${amount} ${unit}`);
  // The page's clock ticks only now and then, so what has just happened may seem to lie ahead.
  if (distanceMs < MINUTE_MS) return "just now";
  if (distanceMs < HOUR_MS) return phrase(Math.floor(distanceMs / MINUTE_MS), "min");
  if (distanceMs < DAY_MS) return phrase(Math.floor(distanceMs / HOUR_MS), "h");
  // What is due in a week less a second is due in 7 days, not in 6.
  const days = atMs <= nowMs ? Math.floor(distanceMs / DAY_MS) : Math.round(distanceMs / DAY_MS);
  if (days < 7 || (atMs > nowMs && days === 7)) return phrase(days, days === 1 ? "day" : "days");
  return calendarDate(new Date(atMs));
}

/** The exact time in a zone, to the second: "12 Mar 2025, 14:03:09 (Europe/Berlin)". */
export function exactTime(at: string, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(new Date(at));
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? "";
  return `${part("day")} ${part("month")} ${part("year")}, ${part("hour")}:${part("minute")}:${part("second")} (${zone})`;
}

function calendarDate(date: Date): string {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}
