import {
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
import { createItemRecorder, toWire } from "./rest-usage-items.ts";
import { createUsageStream } from "./rest-usage-stream.ts";
import type { RestVariables } from "./rest-variables.ts";

/** Uses in one bulk request; more go through a stream. */
const MAX_ITEMS = 1_000;
const BULK_LIMIT_BYTES = 1024 * 1024;
/** Over all bulk requests: beyond that they are refused as a whole, and the ledger's queue keeps room for single uses. */
const MAX_ITEMS_RUNNING = 4_000;
const STREAM_TYPE = "application/x-ndjson";

/** What programs report: one use, many at once, or a stream of them. Mounted at /usage. */
export function createUsageRoutes(services: Services): Hono<{ Variables: RestVariables }> {
  const recordUsages = createRecordUsages(services);
  const recordItems = createItemRecorder(recordUsages, services.log);
  const streamUsage = createUsageStream(recordItems, services.log);
  let runningCount = 0;
  const usage = new Hono<{ Variables: RestVariables }>();

  usage.post("/", requireJson(), limitBody(), async (c) => {
    const reported = readInput(reportedUsage, await readJson(c));
    const [outcome] = await recordUsages(c.get("actor"), [reported]);
    const recorded = onlyRecorded(outcome);
    return c.json(toWire(recorded), recorded.replayed ? 200 : 201);
  });

  usage.post("/bulk", async (c, next) => {
    if (mediaTypeOf(c) !== STREAM_TYPE) return next();
    return streamUsage(c);
  });
  usage.post("/bulk", requireJson(), limitBody(BULK_LIMIT_BYTES), async (c) => {
    const items = readItems(await readJson(c));
    if (runningCount + items.length > MAX_ITEMS_RUNNING) throw new DomainError("overloaded", { retryAfterSeconds: 1 });
    runningCount += items.length;
    const results = await recordItems(c, { actor: c.get("actor"), items });
    runningCount -= items.length;
    return c.json({ results });
  });

  usage.post("/:id/reversal", requireJson(), limitBody(), async (c) => {
    const request = readInput(reversalRequest, await readJson(c));
    const reversed = await reverseUsage(services, c.get("actor"), { usageId: c.req.param("id"), ...request });
    return c.json(toWireReversal(reversed), reversed.replayed ? 200 : 201);
  });
  return usage;
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
