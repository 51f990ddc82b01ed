import { asc, ilike, or, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { z } from "zod";
import { cursorPart, readCursor, writeCursor } from "../../keyset-cursor.ts";

/** Which part of a list is wanted: in the order of the names, and there behind the cursor. */
export interface NamedPart {
  /** A part of the name (of people: or of the e-mail address); wildcards are plain characters. */
  search?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** What each row of such a list carries for the cursor. */
interface NamedRow {
  /** The name as the database compares it. */
  key: string;
}

const place = z.tuple([cursorPart.text, cursorPart.id]);

/** The order of names, in which lists of teams and of their people come in parts. It is total, so that parts meet without a gap. */
export function byName(name: SQLWrapper, id: SQLWrapper) {
  const key = sql<string>`lower(${name})`;
  return {
    key,
    columns: [asc(key), asc(sql`${id}`)],
    /** The condition that a row comes behind the one that the cursor names. @throws invalid_input */
    after(cursor: string | undefined): SQL | undefined {
      if (cursor === undefined) return undefined;
      const [lastKey, lastId] = readCursor(place, cursor);
      return sql`(${key}, ${id}) > (${lastKey}::text, ${lastId}::uuid)`;
    },
  };
}

/** The condition that one of the texts contains what is looked for. */
export function contains(search: string | undefined, ...texts: Parameters<typeof ilike>[0][]): SQL | undefined {
  if (!search) return undefined;
  const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  return or(...texts.map((text) => ilike(text, pattern)));
}

/** Cuts what was read, one row more than wanted, to the part, and says where the next one begins; null at the end. */
export function toPart<Row extends NamedRow>(rows: Row[], { limit }: NamedPart, idOf: (row: Row) => string) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last ? writeCursor([last.key, idOf(last)]) : null;
  return { items: items.map(({ key: _, ...row }) => row), nextCursor };
}
