import type { Permission } from "@guildhall/auth";
import { isStorable } from "@guildhall/shared";
import { initTRPC, TRPCError } from "@trpc/server";
import { ZodRealError } from "zod";
import type { Context } from "./context.ts";
import { describeError, publicMessage, toTrpcError } from "./error-mapping.ts";

/** Who may call a procedure. Every procedure declares it; a permission is checked against the role in the organization. */
export interface ProcedureMeta {
  access: "public" | "signed_in" | "enterprise_admin" | "platform_admin" | Permission;
}

/** The one instance of tRPC. For init.ts and procedures.ts only. */
export const t = initTRPC
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

/** Finds the first text in an input that no table can hold, as the path to it. */
function findUnstorable(input: unknown, path: string[] = []): string[] | undefined {
  if (typeof input === "string") return isStorable(input) ? undefined : path;
  if (typeof input !== "object" || input === null) return undefined;
  for (const [name, value] of Object.entries(input)) {
    // Which organization a call names is looked at where a stranger's and a missing one are answered alike.
    const found = name === "organization" ? undefined : findUnstorable(value, [...path, name]);
    if (found) return found;
  }
  return undefined;
}

/**
 * Translates refusals and reports defects, and keeps out what no table can hold. Every procedure is built on it, by procedures.ts:
 * it declares no access yet, so nothing else may import it.
 */
export const procedure = t.procedure
  .use(async ({ getRawInput, next }) => {
    // Without a body there is nothing to read. What cannot be read is told by the procedure that needs it.
    const path = findUnstorable(await getRawInput().catch(() => undefined));
    if (!path) return next();
    const message = "There is a zero character or half a character in it. Leave it out.";
    throw new TRPCError({
      code: "BAD_REQUEST",
      cause: new ZodRealError([{ code: "custom", path, message, input: undefined }]),
    });
  })
  .use(async ({ ctx, next, path, type }) => {
    const result = await next();
    if (result.ok) return result;
    const error = toTrpcError(result.error);
    if (error.code === "INTERNAL_SERVER_ERROR") {
      ctx.services.log.error({ err: error.cause ?? error, path, type, requestId: ctx.requestId }, "a procedure failed");
    }
    throw error;
  });
