import {
  type ApiKeyActor,
  createApiKeyCheck,
  createRecordUsage,
  listPrices,
  listTransactions,
  type RecordedUsage,
  readWallet,
  reportedUsage,
  type Services,
} from "@guildhall/api/server";
import { DomainError, MICRO_PER_CREDIT, newId } from "@guildhall/shared";
import { Hono, type MiddlewareHandler } from "hono";
import { z } from "zod";
import { limitBody, requireJson } from "./request-body.ts";
import { answerRestError, readInput, readJson } from "./rest-errors.ts";
import type { HttpVariables } from "./variables.ts";

type RestVariables = Pick<HttpVariables, "requestId"> & { actor: ApiKeyActor };
type RestApi = Hono<{ Variables: RestVariables }>;

const BEARER = /^Bearer +([\w-]{1,200})$/i;

const page = z.object({
  before: z
    .string()
    .regex(/^\d{1,18}$/, "Give the sequence of a transaction.")
    .optional(),
  limit: z.coerce.number("Give a number of transactions.").int().min(1).max(1_000).default(100),
});

/**
 * The interface for programs, mounted at /api/v1: JSON in and out, authority by an organization's API key alone. A cookie
 * counts for nothing here, so no page of another site can borrow one.
 */
export function createRestApi(services: Services): RestApi {
  const recordUsage = createRecordUsage(services);
  const rest: RestApi = new Hono();
  rest.onError((error, c) => answerRestError(error, c, services.log));
  rest.use(nameRequest, requireApiKey(services));

  rest.post("/usage", requireJson(), limitBody(), async (c) => {
    const reported = readInput(reportedUsage, await readJson(c));
    const recorded = await recordUsage(c.get("actor"), reported);
    return c.json(toWire(recorded), recorded.replayed ? 200 : 201);
  });

  rest.get("/wallet", async (c) => {
    const { organizationId, slug, organizationName: name, status } = c.get("actor");
    return c.json({ organization: { slug, name, status }, ...(await readWallet(services.db, organizationId)) });
  });

  rest.get("/wallet/transactions", async (c) => {
    const { before, limit } = readInput(page, c.req.query());
    const { organizationId } = c.get("actor");
    const { items, nextCursor } = await listTransactions(services.db, organizationId, { cursor: before, limit });
    return c.json({ items, nextBefore: nextCursor });
  });

  rest.get("/prices", async (c) => c.json({ items: await listPrices(services.db, services.clock.now()) }));

  // A route and not a notFound handler: the app that this is mounted in would answer with a page.
  rest.all("*", () => {
    throw new DomainError("not_found", {}, "There is no such resource. docs/api.md lists what there is.");
  });
  return rest;
}

/** The id of the request log, or one of its own where there is none; the same in the header and in errors. */
const nameRequest: MiddlewareHandler<{ Variables: RestVariables }> = async (c, next) => {
  const requestId = c.get("requestId") ?? newId();
  c.set("requestId", requestId);
  await next();
  c.header("x-request-id", requestId);
  c.header("cache-control", "no-store");
};

function requireApiKey(services: Services): MiddlewareHandler<{ Variables: RestVariables }> {
  const checkApiKey = createApiKeyCheck(services);
  return async (c, next) => {
    const [, key = ""] = BEARER.exec(c.req.header("authorization") ?? "") ?? [];
    c.set("actor", await checkApiKey(key));
    await next();
  };
}

function toWire({ id, amountMicro, balanceMicro, sequence, replayed }: RecordedUsage) {
  return {
    id,
    amountMicro: String(amountMicro),
    credits: toExactCredits(amountMicro),
    balanceMicro: String(balanceMicro),
    sequence: sequence === null ? null : String(sequence),
    replayed,
  };
}

/** Every digit that there is, for programs: people see three decimals. */
function toExactCredits(amountMicro: bigint): string {
  const fraction = String(amountMicro % MICRO_PER_CREDIT)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${amountMicro / MICRO_PER_CREDIT}${fraction && `.${fraction}`}`;
}
