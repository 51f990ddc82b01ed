import { z } from "zod";

/** A point in time as callers give it: ISO 8601 with a zone. Years of four digits, and not the year 0, which Postgres does not know. */
export const instant = z.iso
  .datetime({ offset: true, error: "Give the time as ISO 8601 with a zone." })
  .refine(hasPlainYear, "Give a time between the years 1 and 9999.");

function hasPlainYear(text: string): boolean {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9_999;
}
