import type { Permission } from "@guildhall/auth";
import { DomainError, isStorable } from "@guildhall/shared";
import { initTRPC, TRPCError } from "@trpc/server";
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

/** Says whether every text in an input can be stored. */
function isStorableInput(input: unknown): boolean {
  if (typeof input === "string") return isStorable(input);
  if (typeof input !== "object" || input === null) return true;
  // Which organization a call names is looked at where a stranger's and a missing one are answered alike.
  return Object.entries(input).every(([name, value]) => name === "organization" || isStorableInput(value));
}

/** Translates refusals and reports defects, and keeps out what no table can hold. Every procedure is built on it. */
export const procedure = t.procedure
  .use(async ({ getRawInput, next }) => {
    if (isStorableInput(await getRawInput())) return next();
    const message = "The input has a zero character or half a character in it. Leave it out.";
    throw toTrpcError(new TRPCError({ code: "BAD_REQUEST", cause: new DomainError("invalid_input", {}, message) }));
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
