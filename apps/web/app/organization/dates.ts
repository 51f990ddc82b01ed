const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

/** A calendar day as people read it: "2026-12-03" becomes "3 Dec 2026". */
export function dayText(day: string): string {
  const [year, month = 1, date] = day.split("-").map(Number);
  return `${date} ${(MONTHS[month - 1] ?? "").slice(0, 3)} ${year}`;
}

/** A calendar month as people read it: "2026-11" becomes "November 2026". */
export function monthText(month: string): string {
  const [year, number = 1] = month.split("-").map(Number);
  return `${MONTHS[number - 1] ?? ""} ${year}`;
}

/** The last day, in UTC, on which something can be used that ends at that moment: midnight still belongs to the day before. */
export function lastDayText(endsAt: string): string {
  return dayText(new Date(Date.parse(endsAt) - 1).toISOString().slice(0, 10));
}

/** Says whether a text is a day of the calendar, as "2026-12-03", whose beginning and end the portal can write and Postgres can read. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < "0001" || text === "9999-12-31") return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The first moment, in UTC, after a day: where its last moment ends. */
export function endOfDay(day: string): Date {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + 1);
  return at;
}
