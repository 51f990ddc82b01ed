import { type Database, type Tx, withOrganization } from "@guildhall/db";
import { modelPrices, usageEvents, usageReversals, users } from "@guildhall/db/schema";
import { and, desc, eq, gt, inArray, lte, sql } from "drizzle-orm";
import { z } from "zod";
import { cursorPart, readCursor, writeCursor } from "../../keyset-cursor.ts";
import type { PricedUse } from "./usage.events.ts";

/** Reads uses of the transaction's organization, by id; those that were never recorded are left out. */
export async function readUses(tx: Tx, ids: string[]): Promise<Map<string, PricedUse>> {
  const rows = await tx.db
    .select()
    .from(usageEvents)
    .where(and(eq(usageEvents.organizationId, tx.organizationId), inArray(usageEvents.id, ids)));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Reads the reversal of a use of the transaction's organization; undefined when there is none. */
export async function readReversal(tx: Tx, usageId: string) {
  const [row] = await tx.db
    .select()
    .from(usageReversals)
    .where(and(eq(usageReversals.organizationId, tx.organizationId), eq(usageReversals.usageId, usageId)));
  return row;
}

/** A page of what an organization has used, latest first (S2.15). The cursor is where the page before ended. */
export async function listUsage(
  db: Database,
  organizationId: string,
  page: { cursor?: string | undefined; limit: number },
) {
  const after = page.cursor === undefined ? undefined : readCursor(place, page.cursor);
  const rows = await withOrganization(db, organizationId, (tx) => selectPage(tx, after, page.limit + 1));
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ reversal, ...row }) => ({
      ...row,
      // Set when it was taken back: what it cost came back in full.
      reversal: reversal && { ...reversal, at: reversal.at.toISOString() },
      at: row.at.toISOString(),
      inputTokens: Number(row.inputTokens),
      outputTokens: Number(row.outputTokens),
      amountMicro: String(row.amountMicro),
    })),
    nextCursor: rows.length > page.limit && last ? writeCursor([last.at, last.id]) : null,
  };
}

/** The prices that hold now, by model. */
export async function listPrices(db: Database, now: Date) {
  const rows = await db.drizzle
    .selectDistinctOn([modelPrices.model])
    .from(modelPrices)
    .where(lte(modelPrices.effectiveFrom, now))
    .orderBy(modelPrices.model, desc(modelPrices.effectiveFrom));
  return rows.map(toWirePrice);
}

/** The versions that will hold later, of known models and new ones: soonest first. */
export async function listComingPrices(db: Database, now: Date) {
  const rows = await db.drizzle
    .select()
    .from(modelPrices)
    .where(gt(modelPrices.effectiveFrom, now))
    .orderBy(modelPrices.effectiveFrom, modelPrices.model);
  return rows.map(toWirePrice);
}

function toWirePrice(row: typeof modelPrices.$inferSelect) {
  return {
    model: row.model,
    inputMicroPerMillion: String(row.inputMicroPerMillion),
    outputMicroPerMillion: String(row.outputMicroPerMillion),
    effectiveFrom: row.effectiveFrom.toISOString(),
  };
}

/** When a use happened, and its id. */
const place = z.tuple([cursorPart.time, cursorPart.id]);

function selectPage(tx: Tx, after: z.infer<typeof place> | undefined, limit: number) {
  const { occurredAt, id } = usageEvents;
  return tx.db
    .select({
      id,
      at: occurredAt,
      agent: usageEvents.agent,
      memberName: users.name,
      model: usageEvents.model,
      inputTokens: usageEvents.inputTokens,
      outputTokens: usageEvents.outputTokens,
      amountMicro: usageEvents.amountMicro,
      reversal: { id: usageReversals.id, at: usageReversals.createdAt, reason: usageReversals.reason },
    })
    .from(usageEvents)
    .leftJoin(users, eq(users.id, usageEvents.memberId))
    .leftJoin(
      usageReversals,
      and(eq(usageReversals.organizationId, usageEvents.organizationId), eq(usageReversals.usageId, usageEvents.id)),
    )
    .where(
      and(
        eq(usageEvents.organizationId, tx.organizationId),
        // As one row comparison, which the index answers at any depth.
        after && sql`(${occurredAt}, ${id}) < (${after[0].toISOString()}::timestamptz, ${after[1]}::uuid)`,
      ),
    )
    .orderBy(desc(occurredAt), desc(id))
    .limit(limit);
}
