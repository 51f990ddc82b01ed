import type { RouterInputs } from "@guildhall/api";
import { isUuid, parseCredits } from "@guildhall/shared";
import { endOfDay, isDay } from "~/organization/dates";
import { TRANSACTION_KINDS } from "~/organization/kinds";

type SearchInput = RouterInputs["wallets"]["transactions"];
type FilterInput = Pick<
  SearchInput,
  "kinds" | "member" | "agent" | "from" | "to" | "minAmountMicro" | "maxAmountMicro"
>;

/** The filters of which the address holds one text each; beside them stands `kind`, as often as wanted. */
const TEXT_FILTERS = ["member", "agent", "from", "to", "min", "max"] as const;
export type TextFilter = (typeof TEXT_FILTERS)[number];

/** What the address asks for, as it was typed. Empty texts limit nothing. */
export type TypedFilters = Record<TextFilter, string> & { kinds: string[] };

/** Filters as the address has them, and as the API takes them. */
export interface ReadFilters {
  typed: TypedFilters;
  input: FilterInput;
  errors: Partial<Record<TextFilter, string>>;
  isActive: boolean;
}

const NOT_AN_AMOUNT = "Enter an amount like 1,000 or −0.5: up to six decimals, at most a billion credits.";
const NOT_A_DAY = "Enter a day like 2026-11-30.";
const LONGEST_AGENT = 100;

/** Reads the filters of the wallet page's address. Days are whole days of UTC, the last one included. */
export function readFilters(search: URLSearchParams): ReadFilters {
  const texts = TEXT_FILTERS.map((name) => [name, search.get(name)?.trim() ?? ""] as const);
  const kinds = TRANSACTION_KINDS.filter((kind) => search.getAll("kind").includes(kind));
  const typed = { ...(Object.fromEntries(texts) as Record<TextFilter, string>), kinds };
  const isActive = kinds.length > 0 || texts.some(([, text]) => text !== "");
  return { typed, input: toInput(typed), errors: findErrors(typed), isActive };
}

function toInput({ kinds, member, agent, from, to, min, max }: TypedFilters): FilterInput {
  const [least, most] = [parseCredits(min), parseCredits(max)];
  return {
    ...(kinds.length > 0 && { kinds: kinds as FilterInput["kinds"] }),
    ...(isUuid(member) && { member }),
    ...(agent && { agent: agent.slice(0, LONGEST_AGENT) }),
    ...(isDay(from) && { from: `${from}T00:00:00.000Z` }),
    ...(isDay(to) && { to: endOfDay(to).toISOString() }),
    ...(least !== undefined && { minAmountMicro: String(least) }),
    ...(most !== undefined && { maxAmountMicro: String(most) }),
  };
}

function findErrors({ member, from, to, min, max }: TypedFilters): ReadFilters["errors"] {
  const [least, most] = [parseCredits(min), parseCredits(max)];
  return {
    ...(member && !isUuid(member) && { member: "Choose somebody from the list." }),
    ...(isDay(from) && isDay(to) && to < from && { to: "Choose a day that is not before the first." }),
    ...(from && !isDay(from) && { from: NOT_A_DAY }),
    ...(to && !isDay(to) && { to: NOT_A_DAY }),
    ...(least !== undefined && most !== undefined && most < least && { max: "Enter no less than the least amount." }),
    ...(min && least === undefined && { min: NOT_AN_AMOUNT }),
    ...(max && most === undefined && { max: NOT_AN_AMOUNT }),
  };
}

/** The address's query for these filters, without what is empty. Starts with "?" or is empty. */
export function toSearch({ kinds, ...texts }: TypedFilters, more: Record<string, string> = {}): string {
  const search = new URLSearchParams(kinds.map((kind) => ["kind", kind]));
  for (const [name, text] of Object.entries({ ...texts, ...more })) if (text) search.set(name, text);
  const query = search.toString();
  return query && `?${query}`;
}

/** Where the filtered transactions are served as CSV. */
export function exportPath(slug: string, { kinds = [], ...input }: FilterInput): string {
  const search = new URLSearchParams(kinds.map((kind) => ["kinds", kind]));
  for (const [name, value] of Object.entries(input)) if (value) search.set(name, value);
  const query = search.toString();
  return `/o/${slug}/wallet/transactions.csv${query && `?${query}`}`;
}
