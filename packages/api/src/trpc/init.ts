import type { Permission } from "@guildhall/auth";
import { initTRPC } from "@trpc/server";
import type { Context } from "./context.ts";
import { describeError, publicMessage, toTrpcError } from "./error-mapping.ts";

/** Who may call a procedure. Every procedure declares it; a permission is checked against the role in the organization. */
export interface ProcedureMeta {
  access: "public" | "signed_in" | "enterprise_admin" | Permission;
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    errorFormatter({ shape, error, ctx }) {
      const { stack: _stack, ...data } = shape.data;
      return {
        ...shape,
        message: publicMessage(error),
        data: { ...data, ...describeError(error, ctx?.requestId ?? null) },
      };
    },
    sse: { enabled: false },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Translates refusals and reports defects. Every procedure is built on it. */
export const procedure = t.procedure.use(async ({ ctx, next, path, type }) => {
  const result = await next();
  if (result.ok) return result;
  const error = toTrpcError(result.error);
  if (error.code === "INTERNAL_SERVER_ERROR") {
    ctx.services.log.error({ err: error.cause ?? error, path, type, requestId: ctx.requestId }, "a procedure failed");
  }
  throw error;
});
