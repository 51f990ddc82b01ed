import {
  type ApiKeyActor,
  createRecordUsages,
  type RecordedUsage,
  type ReversedUsage,
  reportedUsage,
  reversalRequest,
  reverseUsage,
  type Services,
} from "@guildhall/api/server";
import { DomainError } from "@guildhall/shared";
import { Hono } from "hono";
import { toExactCredits } from "./exact-credits.ts";
import { limitBody, mediaTypeOf, requireJson } from "./request-body.ts";
import { readInput, readJson } from "./rest-errors.ts";
import { needsScope } from "./rest-scope.ts";
import { createItemRecorder, toWire } from "./rest-usage-items.ts";
import { createUsageStream } from "./rest-usage-stream.ts";
import type { RestVariables } from "./rest-variables.ts";
import { createUsageRoom, type UsageRoom } from "./usage-room.ts";

/** Uses in one bulk request; more go through a stream. */
const MAX_ITEMS = 1_000;
const BULK_LIMIT_BYTES = 1024 * 1024;
/**
 * Uses that may be under way, beyond which a request is refused as a whole. With those of streams, one organization has half of
 * the ledger's queue at the most, and whatever comes in bulk leaves room for single uses.
 */
const BULK_ITEMS = { total: 4_000, perOrganization: 2_000 };
const SINGLE_USES = { total: 4_000, perOrganization: 1_000 };
const STREAM_TYPE = "application/x-ndjson";

/** Makes the room that single uses share, whichever way they take. */
export const createSingleUses = (): UsageRoom => createUsageRoom(SINGLE_USES, 1);

export interface UsageOptions {
  /** Default one of its own. */
  singleUses?: UsageRoom | undefined;
  /** How long a stream may bring nothing, in milliseconds. Default a minute. */
  streamIdleMs?: number | undefined;
}

/** What programs report: one use, many at once, or a stream of them. Mounted at /usage. */
export function createUsageRoutes(services: Services, options: UsageOptions = {}): Hono<{ Variables: RestVariables }> {
  const recordUsages = createRecordUsages(services);
  const recordItems = createItemRecorder(recordUsages, services.log);
  const streamUsage = createUsageStream(recordItems, { log: services.log, idleMs: options.streamIdleMs });
  const singleRoom = options.singleUses ?? createSingleUses();
  const bulkRoom = createUsageRoom(BULK_ITEMS, 1);
  const usage = new Hono<{ Variables: RestVariables }>();

  usage.post("/", needsScope("usage:write"), requireJson(), limitBody(), async (c) => {
    const reported = readInput(reportedUsage, await readJson(c));
    const actor = c.get("actor");
    const [outcome] = await inRoom(singleRoom, { actor, count: 1 }, () => recordUsages(actor, [reported]));
    const recorded = onlyRecorded(outcome);
    return c.json(toWire(recorded), recorded.replayed ? 200 : 201);
  });

  usage.post("/bulk", needsScope("usage:write"), async (c, next) => {
    if (mediaTypeOf(c) !== STREAM_TYPE) return next();
    return streamUsage(c);
  });
  usage.post("/bulk", requireJson(), limitBody(BULK_LIMIT_BYTES), async (c) => {
    const items = readItems(await readJson(c));
    const actor = c.get("actor");
    const results = await inRoom(bulkRoom, { actor, count: items.length }, () => recordItems(c, { actor, items }));
    return c.json({ results });
  });

  usage.post("/:id/reversal", needsScope("usage:reverse"), requireJson(), limitBody(), async (c) => {
    const request = readInput(reversalRequest, await readJson(c));
    const reversed = await reverseUsage(services, c.get("actor"), { usageId: c.req.param("id"), ...request });
    return c.json(toWireReversal(reversed), reversed.replayed ? 200 : 201);
  });
  return usage;
}

/** Does something while it counts, and lets go however it ends. @throws overloaded when there is no room */
async function inRoom<T>(
  room: UsageRoom,
  { actor, count }: { actor: ApiKeyActor; count: number },
  work: () => Promise<T>,
): Promise<T> {
  room.enter(actor.organizationId, count);
  try {
    return await work();
  } finally {
    room.leave(actor.organizationId, count);
  }
}

function toWireReversal({ id, usageId, amountMicro, balanceMicro, sequence, replayed }: ReversedUsage) {
  return {
    ...{ id, usageId, amountMicro: String(amountMicro), credits: toExactCredits(amountMicro) },
    ...{ balanceMicro: String(balanceMicro), sequence: String(sequence), replayed },
  };
}

function onlyRecorded(outcome: { recorded: RecordedUsage } | { error: unknown } | undefined): RecordedUsage {
  if (!outcome) throw new RangeError("One report has one outcome.");
  if ("error" in outcome) throw outcome.error;
  return outcome.recorded;
}

/** Only what holds the items is checked here: each item is refused by itself. @throws invalid_input */
function readItems(body: unknown): unknown[] {
  const items: unknown = typeof body === "object" && body !== null && "items" in body ? body.items : undefined;
  if (!Array.isArray(items)) throw invalidItems('Give the uses as { "items": [ … ] }.');
  const [unknown] = Object.keys(body as object).filter((name) => name !== "items");
  if (unknown !== undefined) throw new DomainError("invalid_input", { [unknown]: "This field is not known." });
  if (items.length === 0) throw invalidItems("Give at least one use.");
  if (items.length > MAX_ITEMS) {
    throw invalidItems(`At most ${MAX_ITEMS} uses in one request; for more, stream them as ${STREAM_TYPE}.`);
  }
  return items;
}

function invalidItems(message: string): DomainError {
  return new DomainError("invalid_input", { items: message }, message);
}
