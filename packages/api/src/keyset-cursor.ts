import { DomainError, isStorable, isUuid } from "@guildhall/shared";
import { z } from "zod";

/** What a place in a list is made of. Whatever an address says, each part is such that Postgres can take it. */
export const cursorPart = {
  text: z.string().refine(isStorable),
  id: z.string().refine(isUuid),
  /** As Date writes it: a year of four digits, and not the year 0, which Postgres does not know. */
  time: z.iso
    .datetime({ precision: 3 })
    .refine((text) => !text.startsWith("0000"))
    .transform((text) => new Date(text)),
};

/** Writes the place behind which the next page begins, as a text for an address. It says nothing that the page did not. */
export function writeCursor(parts: readonly (string | Date)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** Reads a place back. @throws invalid_input for what the portal did not write, or wrote for another list */
export function readCursor<Place>(place: z.ZodType<Place>, cursor: string): Place {
  const read = place.safeParse(parse(cursor));
  if (read.success) return read.data;
  throw new DomainError("invalid_input", { field: "cursor" }, "This is not the cursor of a page of this list.");
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined; // Not of ours: told as what it is by the caller.
  }
}
