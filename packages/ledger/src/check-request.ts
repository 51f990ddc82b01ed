import { DomainError, isUuid } from "@guildhall/shared";
import type { NewHold, PostingRequest, RequestKind } from "./posting.ts";

/** The largest amount of one posting, in micro-credits: a billion credits. */
export const MAX_AMOUNT_MICRO = 1_000_000_000_000_000n;
const MAX_KEY_LENGTH = 200;
const MAX_DESCRIPTION_LENGTH = 500;
const MAX_ATTRIBUTES_LENGTH = 4_096;

/** The signs that a kind may have; the database holds the same table in ledger.counter_of. */
const SIGNS: Readonly<Record<RequestKind, readonly (1 | 0 | -1)[]>> = {
  top_up: [1],
  top_up_reversal: [-1],
  usage: [-1],
  refund: [1],
  adjustment: [1, -1],
  transfer: [-1],
  hold: [-1],
  settle: [-1, 0],
  release: [0],
};

/**
 * Refuses what the database could only answer with an error, before it joins a batch.
 * @throws DomainError invalid_input, with the field at fault.
 */
export function checkRequest(request: PostingRequest): void {
  const field = findFault(request);
  if (field) throw new DomainError("invalid_input", { field }, `The posting's ${field} is not valid.`);
}

function findFault(request: PostingRequest): keyof PostingRequest | undefined {
  if (!isUuid(request.bookId)) return "bookId";
  if (!Object.hasOwn(SIGNS, request.kind)) return "kind";
  if (!isPossibleAmount(request)) return "amountMicro";
  if (!isText(request.idempotencyKey, MAX_KEY_LENGTH) || request.idempotencyKey === "") return "idempotencyKey";
  if (!isText(request.description, MAX_DESCRIPTION_LENGTH)) return "description";
  if (request.actorId !== undefined && !isUuid(request.actorId)) return "actorId";
  if (request.attributes && !areAttributes(request.attributes)) return "attributes";
  if (request.fingerprint !== undefined && !isText(request.fingerprint, MAX_ATTRIBUTES_LENGTH)) return "fingerprint";
  return findFaultOfKind(request);
}

/** What belongs to one kind of request is given with that kind, and with no other. */
function findFaultOfKind({
  kind,
  bookId,
  lot,
  hold,
  holdId,
  refundOf,
  toBookId,
}: PostingRequest): keyof PostingRequest | undefined {
  if (lot && (kind !== "top_up" || (lot.expiresAt && !isDate(lot.expiresAt)))) return "lot";
  if (hold ? kind !== "hold" || !isHold(hold) : kind === "hold") return "hold";
  const endsHold = kind === "settle" || kind === "release";
  if (holdId === undefined ? endsHold : !endsHold || !isUuid(holdId)) return "holdId";
  if (refundOf !== undefined && (kind !== "refund" || !isUuid(refundOf))) return "refundOf";
  if (toBookId === undefined ? kind === "transfer" : kind !== "transfer" || !isUuid(toBookId)) return "toBookId";
  return toBookId === bookId ? "toBookId" : undefined;
}

function isHold({ expiresAt, toleranceMicro = 0n }: NewHold): boolean {
  return isDate(expiresAt) && toleranceMicro >= 0n && toleranceMicro <= MAX_AMOUNT_MICRO;
}

function isDate(date: unknown): boolean {
  return date instanceof Date && !Number.isNaN(date.getTime());
}

function isPossibleAmount({ kind, amountMicro }: PostingRequest): boolean {
  if (typeof amountMicro !== "bigint" || amountMicro > MAX_AMOUNT_MICRO || amountMicro < -MAX_AMOUNT_MICRO)
    return false;
  return SIGNS[kind].includes(amountMicro > 0n ? 1 : amountMicro < 0n ? -1 : 0);
}

/** JSON writes a character as six at most: what is short enough even then need not be written to be measured. */
const MOST_PER_CHARACTER = 6;

function areAttributes(attributes: Readonly<Record<string, unknown>>): boolean {
  let length = 2;
  for (const [name, value] of Object.entries(attributes)) {
    if (!isText(name, MAX_ATTRIBUTES_LENGTH)) return false;
    if (typeof value === "number" ? !Number.isFinite(value) : !isText(value, MAX_ATTRIBUTES_LENGTH)) return false;
    length += (name.length + String(value).length + 1) * MOST_PER_CHARACTER;
  }
  return length <= MAX_ATTRIBUTES_LENGTH || JSON.stringify(attributes).length <= MAX_ATTRIBUTES_LENGTH;
}

/** Postgres stores no zero character and no half of a surrogate pair. */
function isText(text: unknown, maxLength: number): boolean {
  return typeof text === "string" && text.length <= maxLength && !text.includes("\0") && text.isWellFormed();
}
