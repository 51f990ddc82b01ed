import type { TRPCCreateRouterOptions } from "@trpc/server";
import { t } from "./base-procedure.ts";

export type { ProcedureMeta } from "./base-procedure.ts";

export const createCallerFactory = t.createCallerFactory;

/**
 * Makes a router of procedures and routers.
 * @throws TypeError for a procedure that does not declare who may call it: such a server must not start.
 */
export function router<Routes extends TRPCCreateRouterOptions>(routes: Routes) {
  for (const [name, route] of Object.entries(routes)) {
    if (isProcedure(route) && !route._def.meta?.access) {
      throw new TypeError(
        `The procedure "${name}" does not declare its access: build it on one of trpc/procedures.ts.`,
      );
    }
  }
  return t.router(routes);
}

type Procedure = { _def: { procedure: true; meta?: { access?: string } } };

function isProcedure(route: unknown): route is Procedure {
  return typeof route === "function" && "_def" in route;
}
