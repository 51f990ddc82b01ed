import type { RouterInputs } from "@guildhall/api";
import { isUuid } from "@guildhall/shared";
import { endOfDay, isDay } from "~/organization/dates";
import { ACTION_KINDS } from "./action-kinds";

type FilterInput = Pick<RouterInputs["audit"]["list"], "actor" | "kind" | "from" | "to">;

const NAMES = ["actor", "kind", "from", "to"] as const;
export type FilterName = (typeof NAMES)[number];

/** What the address asks for, as it was typed. Empty texts limit nothing. */
export type TypedFilters = Record<FilterName, string>;

/** Filters as the address has them, and as the API takes them. */
export interface ReadFilters {
  typed: TypedFilters;
  input: FilterInput;
  errors: Partial<Record<FilterName, string>>;
  isActive: boolean;
}

const NOT_A_DAY = "Enter a day like 2026-11-30.";

/** Reads the filters of the audit page's address. Days are whole days of UTC, the last one included. */
export function readFilters(search: URLSearchParams): ReadFilters {
  const texts = NAMES.map((name) => [name, search.get(name)?.trim() ?? ""] as const);
  const typed = Object.fromEntries(texts) as TypedFilters;
  const isActive = texts.some(([, text]) => text !== "");
  return { typed, input: toInput(typed), errors: findErrors(typed), isActive };
}

function toInput({ actor, kind, from, to }: TypedFilters): FilterInput {
  return {
    ...(isUuid(actor) && { actor }),
    ...(kind in ACTION_KINDS && { kind }),
    ...(isDay(from) && { from: `${from}T00:00:00.000Z` }),
    ...(isDay(to) && { to: endOfDay(to).toISOString() }),
  };
}

function findErrors({ actor, kind, from, to }: TypedFilters): ReadFilters["errors"] {
  return {
    ...(actor && !isUuid(actor) && { actor: "Choose somebody from the list." }),
    ...(kind && !(kind in ACTION_KINDS) && { kind: "Choose a kind from the list." }),
    ...(isDay(from) && isDay(to) && to < from && { to: "Choose a day that is not before the first." }),
    ...(from && !isDay(from) && { from: NOT_A_DAY }),
    ...(to && !isDay(to) && { to: NOT_A_DAY }),
  };
}

/** The address's query for these filters, without what is empty. Starts with "?" or is empty. */
export function toSearch(typed: TypedFilters, more: Record<string, string> = {}): string {
  const search = new URLSearchParams();
  for (const [name, text] of Object.entries({ ...typed, ...more })) if (text) search.set(name, text);
  const query = search.toString();
  return query && `?${query}`;
}

/** Where the filtered log is served as a file. */
export function exportPath(slug: string, input: FilterInput, format: "csv" | "json"): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) if (value) search.set(name, value);
  const query = search.toString();
  return `/o/${slug}/audit/audit.${format}${query && `?${query}`}`;
}
