import {
  type ApiKeys,
  createApiKeys,
  listComingPrices,
  listPrices,
  listTransactions,
  readWallet,
  type Services,
  transactionFilters,
  transactionKinds,
} from "@guildhall/api/server";
import { DomainError, newId } from "@guildhall/shared";
import { Hono, type MiddlewareHandler } from "hono";
import { z } from "zod";
import { readBearerKey } from "./bearer-key.ts";
import { answerRestError, readInput } from "./rest-errors.ts";
import { createHoldRoutes } from "./rest-holds.ts";
import { needsScope } from "./rest-scope.ts";
import { createUsageRoutes, type UsageOptions } from "./rest-usage.ts";
import type { RestVariables } from "./rest-variables.ts";

type RestApi = Hono<{ Variables: RestVariables }>;

const page = transactionFilters.extend({
  /** Parted by commas. */
  kinds: z
    .string()
    .transform((kinds) => kinds.split(","))
    .pipe(z.array(z.enum(transactionKinds, "Give kinds of transactions, parted by commas.")))
    .optional(),
  before: z
    .string()
    .regex(/^\d{1,18}$/, "Give the sequence of a transaction.")
    .optional(),
  limit: z.coerce.number("Give a number of transactions.").int().min(1).max(1_000).default(100),
});

export interface RestOptions extends UsageOptions {
  /** Default keys of its own. */
  apiKeys?: ApiKeys;
}

/**
 * The interface for programs, mounted at /api/v1: JSON in and out, authority by an organization's API key and its scopes alone. A
 * cookie counts for nothing here, so no page of another site can borrow one. Every route needs the scope that the table of scopes says.
 */
export function createRestApi(services: Services, options: RestOptions = {}): RestApi {
  const rest: RestApi = new Hono();
  rest.onError((error, c) => answerRestError(error, c, services.log));
  rest.use(nameRequest, requireApiKey(options.apiKeys ?? createApiKeys(services)));

  rest.route("/usage", createUsageRoutes(services, options));

  rest.route("/holds", createHoldRoutes(services));

  rest.get("/wallet", needsScope("wallet:read"), async (c) => {
    const { organizationId, slug, organizationName: name, status } = c.get("actor");
    return c.json({ organization: { slug, name, status }, ...(await readWallet(services.db, organizationId)) });
  });

  rest.get("/wallet/transactions", needsScope("transactions:read"), async (c) => {
    const { before, ...filters } = readInput(page, c.req.query());
    const { organizationId } = c.get("actor");
    const found = await listTransactions(services.db, organizationId, { ...filters, cursor: before });
    const { items, nextCursor: nextBefore, searchedTo } = found;
    return c.json({ items, nextBefore, ...(searchedTo !== undefined && { searchedTo }) });
  });

  rest.get("/prices", needsScope("prices:read"), async (c) => {
    const now = services.clock.now();
    return c.json({ items: await listPrices(services.db, now), coming: await listComingPrices(services.db, now) });
  });

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

/** Where a program waits for the answer to many uses, and nothing of the answer depends on what its organization is called. */
const BULK_PATH = /\/usage\/bulk$/;

function requireApiKey(apiKeys: ApiKeys): MiddlewareHandler<{ Variables: RestVariables }> {
  return async (c, next) => {
    const key = readBearerKey(c.req.header("authorization"));
    c.set("actor", await (BULK_PATH.test(c.req.path) ? apiKeys.confirm(key) : apiKeys.check(key)));
    c.set("readActor", () => apiKeys.confirm(key));
    await next();
  };
}
