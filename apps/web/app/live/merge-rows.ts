import type { LiveEventType } from "@guildhall/live/events";
import { type Merge, REFETCH } from "./merge";

/** For lists whose events say only that something happened: any of these events asks for a new read. */
export function refetchOn<T>(...types: LiveEventType[]): Merge<T> {
  const wanted = new Set<string>(types);
  return (data, event) => (wanted.has(event.type) ? REFETCH : data);
}

/** A list in pages, newest first, of which the page holds the beginning. */
export interface Rows<T> {
  items: T[];
  /** Where the next, older page begins; null at the end. */
  nextCursor: string | null;
}

/**
 * Puts a newly read first page before the rows that are shown. When the two no longer meet (more happened than one page holds)
 * the first page stands alone: a list with a hole in it would be a lie.
 */
export function joinNewest<T>(shown: Rows<T>, newest: Rows<T>, idOf: (row: T) => string): Rows<T> {
  const fresh = new Set(newest.items.map(idOf));
  if (shown.items.length === 0) return newest;
  if (!shown.items.some((row) => fresh.has(idOf(row)))) return newest;
  const older = shown.items.filter((row) => !fresh.has(idOf(row)));
  return { items: [...newest.items, ...older], nextCursor: older.length > 0 ? shown.nextCursor : newest.nextCursor };
}

/** Puts the page that begins at `before` behind the rows that are shown, if they still end there: else a hole would be between. */
export function joinOlder<T, Shown extends Rows<T>>(
  shown: Shown,
  { before, older, idOf }: { before: string; older: Rows<T>; idOf: (row: T) => string },
): Shown | Rows<T> {
  if (shown.nextCursor !== before) return shown;
  const known = new Set(shown.items.map(idOf));
  return {
    items: [...shown.items, ...older.items.filter((row) => !known.has(idOf(row)))],
    nextCursor: older.nextCursor,
  };
}
