import { requireScope } from "@guildhall/api/server";
import type { ApiKeyScope } from "@guildhall/auth";
import type { MiddlewareHandler } from "hono";
import type { RestVariables } from "./rest-variables.ts";

/** Lets only keys in that have a scope, before anything of the request is looked at. @throws missing_scope */
export function needsScope(scope: ApiKeyScope): MiddlewareHandler<{ Variables: RestVariables }> {
  return async (c, next) => {
    requireScope(c.get("actor"), scope);
    await next();
  };
}
