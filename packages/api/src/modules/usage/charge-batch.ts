import { rolesWith } from "@guildhall/auth";
import { plainArray, type Sql, textArray } from "@guildhall/db";
import { type BatchRow, type Charging, type QueuedRequest, readDebitAnswers, toDebitArrays } from "@guildhall/ledger";
import type { Head } from "@guildhall/live";
import { DomainError } from "@guildhall/shared";
import { refusalOf } from "../api-keys/index.ts";
import { type SpendRefusal, toSpendError } from "../spend-policy/index.ts";
import { type PricedUse, UseAttachment } from "./usage.events.ts";

/**
 * Charges batches of nothing but uses in one statement (charge_uses, migration 0019): the postings, the uses, the question whether
 * those named may spend, and the event. What is refused for one use fails the batch, which the ledger then halves; a key that may not
 * spend fails all of its uses, and the ledger finds it among the keys.
 */
export function chargeBatches(keepHeads: (heads: readonly Head[]) => void): Charging {
  const ofKeys = new WeakSet<object>();
  return {
    covers: (batch) => batch.every(({ request }) => request.attachment instanceof UseAttachment),
    whoseFault: (error) => (ofKeys.has(error as object) ? keyOf : undefined),
    async post(sql, batch, now) {
      const rows = await callChargeUses(sql, batch, now).catch((error) => {
        const refusal = toRefusal(error);
        if (isCoded(error) && error.code === KEY_MAY_NOT_SPEND) ofKeys.add(refusal);
        throw refusal;
      });
      const heads: Head[] = [];
      while (isHead(rows.at(-1))) {
        const { book_id: organizationId, sequence } = rows.pop() as HeadRow;
        heads.push({ organizationId, sequence });
      }
      keepHeads(heads);
      return readDebitAnswers(batch, rows as BatchRow[], now);
    },
  };
}

interface HeadRow {
  outcome: "head";
  book_id: string;
  sequence: bigint;
}

function isHead(row: BatchRow | HeadRow | undefined): boolean {
  return row?.outcome === "head";
}

const audience = rolesWith("wallet.read");

async function callChargeUses(sql: Sql, batch: readonly QueuedRequest[], now: Date): Promise<(BatchRow | HeadRow)[]> {
  const uses = batch.map(({ request }) => (request.attachment as UseAttachment).use);
  const debits = toDebitArrays(batch);
  const keys = placeKeys(uses, debits.bookIds);
  return sql<(BatchRow | HeadRow)[]>`
    SELECT * FROM charge_uses(${now}, ${plainArray(audience)}::text[], ${debits.books}::uuid[], ${debits.bookPlaces}::int[],
        ${debits.ids}::uuid[], ${debits.amounts}::bigint[], ${debits.descriptions}::text[],
        ${debits.attributes}::text[], '{}',
        ${plainArray(uses.map((use) => use.occurredAt.getTime()))}::bigint[],
        ${textArray(uses.map((use) => use.agent))}::text[], ${textArray(uses.map((use) => use.model))}::text[],
        ${plainArray(uses.map((use) => use.inputTokens))}::bigint[],
        ${plainArray(uses.map((use) => use.outputTokens))}::bigint[],
        ${plainArray(uses.map((use) => use.fingerprint))}::uuid[], ${plainArray(idsIfOther(batch, uses))}::uuid[],
        ${plainArray(membersIfAny(uses))}::uuid[],
        ${plainArray(keys.ids)}::uuid[], ${plainArray(keys.organizationPlaces)}::int[], ${plainArray(keys.places)}::int[])`;
}

/** A use's id is what its key stands for; the posting's is what that id stands for, which is the same for a UUIDv7 only. */
function idsIfOther(batch: readonly QueuedRequest[], uses: readonly PricedUse[]): string[] {
  return uses.some((use, place) => use.id !== batch[place]?.postingId) ? uses.map((use) => use.id) : [];
}

function membersIfAny(uses: readonly PricedUse[]): (string | null)[] {
  return uses.some((use) => use.memberId !== null) ? uses.map((use) => use.memberId) : [];
}

/**
 * Every key once, with the place of its organization; by use the place of its key, unless all have the same. A key belongs to one
 * organization.
 */
function placeKeys(uses: readonly PricedUse[], organizationIds: readonly string[]) {
  const placeById = new Map<string, number>();
  const organizationPlaces: number[] = [];
  const places = uses.map(({ apiKeyId, organizationId }) => {
    if (apiKeyId === null) return null;
    const known = placeById.get(apiKeyId);
    if (known !== undefined) return known;
    placeById.set(apiKeyId, placeById.size + 1);
    organizationPlaces.push(organizationIds.indexOf(organizationId) + 1);
    return placeById.size;
  });
  const isOfOne = placeById.size < 2 && places.every((place) => place === places[0]);
  return { ids: [...placeById.keys()], organizationPlaces, places: isOfOne ? [] : places };
}

function keyOf({ request }: QueuedRequest): string {
  return (request.attachment as UseAttachment).use.apiKeyId ?? "";
}

const KEY_MAY_NOT_SPEND = "GH002";

/** Turns what charge_uses raises into the portal's refusals; anything else stays what it is. */
function toRefusal(error: unknown): object {
  if (!isCoded(error)) return error as object;
  const { code, detail, hint } = error;
  switch (code) {
    case "GH001":
      return new DomainError("allowance_exceeded");
    case KEY_MAY_NOT_SPEND:
      return refusalOf(detail || null);
    case "GH003":
      return toSpendError(detail as SpendRefusal, hint ?? "");
    default:
      return error;
  }
}

function isCoded(error: unknown): error is Error & { code: string; detail?: string; hint?: string } {
  return error instanceof Error && "code" in error;
}
