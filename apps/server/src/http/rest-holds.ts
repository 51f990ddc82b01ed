import {
  createPlaceHold,
  type HoldResult,
  listHolds,
  programKey,
  releaseHold,
  reportedUsage,
  type Services,
  settleHold,
} from "@guildhall/api/server";
import { Hono } from "hono";
import { z } from "zod";
import { limitBody, requireJson } from "./request-body.ts";
import { readInput, readJson } from "./rest-errors.ts";
import { needsScope } from "./rest-scope.ts";
import type { RestVariables } from "./rest-variables.ts";

/** The longest hold, in seconds: a week. What needs longer is reserved anew. */
const MAX_TTL_SECONDS = 7 * 24 * 3_600;

const description = z.string("Give a description.").trim().min(1, "Give a description.").max(200);
const micro = (what: string) =>
  z
    .string(`Give ${what} as a decimal text of micro-credits.`)
    .regex(/^\d{1,15}$/, `Give ${what} as a decimal text of micro-credits.`)
    .transform(BigInt);

const order = z.strictObject({
  amountMicro: micro("the amount").refine((amount) => amount > 0n, "Give an amount above zero."),
  description,
  ttlSeconds: z.int("Give the hold's life in whole seconds.").min(1).max(MAX_TTL_SECONDS).default(900),
  /** How much more than was reserved may be settled. */
  toleranceMicro: micro("the tolerance").default(0n),
  idempotencyKey: programKey,
  ...reportedUsage.pick({ member: true }).shape,
  ...reportedUsage.pick({ model: true }).partial().shape,
});
const settlement = z.strictObject({ amountMicro: micro("the amount"), description, idempotencyKey: programKey });
const release = z.strictObject({ idempotencyKey: programKey });
const holdId = z.uuid("This is not the id of a hold.");

/** Reserving credits before what they are for is done. Mounted at /holds. */
export function createHoldRoutes(services: Services): Hono<{ Variables: RestVariables }> {
  const holds = new Hono<{ Variables: RestVariables }>();
  const mayWrite = needsScope("holds:write");
  const placeHold = createPlaceHold(services);

  holds.get("/", needsScope("holds:read"), async (c) =>
    c.json({ items: await listHolds(services, c.get("actor").organizationId) }),
  );

  holds.post("/", mayWrite, requireJson(), limitBody(), async (c) => {
    const result = await placeHold(c.get("actor"), readInput(order, await readJson(c)));
    return c.json(toWire(result), result.replayed ? 200 : 201);
  });

  holds.post("/:id/settle", mayWrite, requireJson(), limitBody(), async (c) => {
    const input = readInput(settlement, await readJson(c));
    const result = await settleHold(services, c.get("actor"), {
      holdId: readInput(holdId, c.req.param("id")),
      ...input,
    });
    return c.json(toWire(result));
  });

  holds.post("/:id/release", mayWrite, requireJson(), limitBody(), async (c) => {
    const input = readInput(release, await readJson(c));
    const result = await releaseHold(services, c.get("actor"), {
      holdId: readInput(holdId, c.req.param("id")),
      ...input,
    });
    return c.json(toWire(result));
  });
  return holds;
}

function toWire({ holdId: id, sequence, availableMicro, heldMicro, replayed }: HoldResult) {
  return {
    id,
    sequence: String(sequence),
    availableMicro: String(availableMicro),
    heldMicro: String(heldMicro),
    replayed,
  };
}
