import { isAtLeast, type Role, roles } from "@guildhall/auth/permissions";
import { parse } from "csv-parse/sync";
import { emailAddress } from "../identity/index.ts";
import type { AddressStanding, VoidInvite } from "./address-standings.ts";
import { SENDINGS_PER_HOUR } from "./invite-policy.ts";

/** How long a list may be, in characters: a thousand long addresses with names and roles. */
export const INVITE_LIST_LENGTH = 300_000;

/** How many addresses one list may hold. */
export const INVITE_LIST_LINES = 1_000;

/** One address of a list, as it was read. */
export interface ListedAddress {
  /** Where it stands in what was pasted, from 1. */
  line: number;
  /** Normalized where it is an address, as typed where it is none. */
  email: string;
  role: Role;
  /** Why nobody can be invited by it; null when it is in order. */
  problem: string | null;
}

/** What becomes of an address. */
export type LineStatus = "new" | AddressStanding | "duplicate" | "invalid" | "too_often";

export interface JudgedLine {
  line: number;
  email: string;
  role: Role;
  status: LineStatus;
  /** Why it gets no invite; for a new one, what it takes the place of. */
  note: string | null;
}

const DELIMITERS = [",", ";", "\t"];
const EMAIL_HEADERS = new Set(["email", "emailaddress", "mail", "emails", "address"]);
const LONGEST_QUOTE = 80;

/**
 * Reads a list of addresses: one per line or many in one, with or without names, as CSV with commas, semicolons or tabs, with
 * or without a header row. Roles stand behind the address or in the column "role"; a line without one gets `defaultRole`.
 */
export function parseInviteList(text: string, defaultRole: Role): ListedAddress[] {
  const records = readRecords(text);
  const header = readHeader(records[0]?.cells ?? []);
  if (header) records.shift();
  return records.flatMap(({ line, cells }) => {
    const found = header ? [pickByHeader(cells, header)] : pickByShape(cells);
    return found.map((entry) => toListed(line, entry, defaultRole));
  });
}

interface ListRecord {
  line: number;
  cells: string[];
}

function readRecords(text: string): ListRecord[] {
  try {
    const records = parse(text.replaceAll(/\r\n?/g, "\n"), {
      ...{ delimiter: DELIMITERS, bom: true, info: true, trim: true },
      ...{ relax_column_count: true, relax_quotes: true, skip_empty_lines: true },
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({ line: info.lines, cells: record })).filter(hasContent);
  } catch {
    // A quote that is never closed swallows the rest of the file: then quotes mean nothing, and each line is its own.
    const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
    return lines.map((cells, index) => ({ line: index + 1, cells: splitPlainly(cells) })).filter(hasContent);
  }
}

function splitPlainly(line: string): string[] {
  return line.split(/[,;\t]/).map((cell) => cell.replaceAll('"', "").trim());
}

function hasContent({ cells }: ListRecord): boolean {
  return cells.some((cell) => cell !== "");
}

interface Header {
  email: number;
  /** -1: there is no such column. */
  role: number;
}

/** A first row that names its columns and holds no address itself. */
function readHeader(cells: string[]): Header | undefined {
  if (cells.some((cell) => cell.includes("@"))) return undefined;
  const names = cells.map((cell) => cell.toLowerCase().replaceAll(/[^a-z]/g, ""));
  const email = names.findIndex((name) => EMAIL_HEADERS.has(name));
  return email < 0 ? undefined : { email, role: names.indexOf("role") };
}

interface Entry {
  address: string;
  role: string;
}

function pickByHeader(cells: string[], header: Header): Entry {
  return { address: bare(cells[header.email] ?? ""), role: cells[header.role] ?? "" };
}

/** Without a header: every cell with an @ is an address, and what stands behind a single one is its role. */
function pickByShape(cells: string[]): Entry[] {
  const addresses = cells.flatMap((cell, index) =>
    addressesIn(cell).map((address) => ({ address, role: cells[index + 1] ?? "" })),
  );
  if (addresses.length > 1)
    return addresses.map(({ address, role }) => ({ address, role: readRole(role) ? role : "" }));
  return addresses.length === 1 ? addresses : [{ address: cells.join(" ").trim(), role: "" }];
}

function addressesIn(cell: string): string[] {
  if (!cell.includes("@")) return [];
  if (cell.includes("<")) return [bare(cell)];
  const parts = cell.split(/\s+/);
  return parts.every((part) => part.includes("@")) ? parts : [cell];
}

/** "Ada Lovelace <ada@example.com>", as mail programs copy it. */
function bare(cell: string): string {
  return (/<([^<>]*)>/.exec(cell)?.[1] ?? cell).trim();
}

function toListed(line: number, { address, role }: Entry, defaultRole: Role): ListedAddress {
  const email = emailAddress.safeParse(address);
  const known = role.trim() === "" ? defaultRole : readRole(role);
  const problem = email.success ? (known ? null : notARole(role)) : (email.error.issues[0]?.message ?? null);
  return { line, email: email.success ? email.data : clip(address), role: known ?? defaultRole, problem };
}

function readRole(text: string): Role | undefined {
  const name = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, "_");
  return roles.find((role) => role === name);
}

function notARole(text: string): string {
  return `“${clip(text.trim())}” is no role. Use owner, admin, billing admin or member.`;
}

function clip(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 1).toWellFormed()}…` : text;
}

/** What is known when a list is judged. */
export interface ListFacts {
  /** Of whoever invites: nobody gives a role above their own. */
  inviterRole: Role;
  standings: ReadonlyMap<string, AddressStanding>;
  /** Invites that are not valid any more, by address: a new one takes their place. */
  voided: ReadonlyMap<string, Pick<VoidInvite, "invitedByName">>;
  /** Addresses to which as much was sent lately as may be. */
  flooded: ReadonlySet<string>;
}

const standingNotes: Record<AddressStanding, string> = {
  already_member: "Is a member already.",
  already_invited: "Has an open invite already.",
};

/** Decides what becomes of each address. The first mention of an address counts, the others are its duplicates. */
export function judgeInviteList(addresses: ListedAddress[], facts: ListFacts): JudgedLine[] {
  const firstLines = new Map<string, number>();
  return addresses.map(({ line, email, role, problem }) => {
    const judged = (status: LineStatus, note: string | null) => ({ line, email, role, status, note });
    if (problem) return judged("invalid", problem);
    const first = firstLines.get(email);
    if (first !== undefined) {
      return judged("duplicate", `Stands in line ${first} already${first === line ? ", the same line" : ""}.`);
    }
    firstLines.set(email, line);
    const standing = facts.standings.get(email);
    if (standing) return judged(standing, standingNotes[standing]);
    if (!isAtLeast(facts.inviterRole, role)) return judged("invalid", "Nobody can give a role above their own.");
    if (facts.flooded.has(email)) {
      return judged("too_often", `Was invited ${SENDINGS_PER_HOUR} times within an hour. Wait a little.`);
    }
    const before = facts.voided.get(email);
    return judged(
      "new",
      before ? `Takes over the invite of ${before.invitedByName}, which is not valid any more.` : null,
    );
  });
}
