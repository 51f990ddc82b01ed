import { getTRPCErrorFromUnknown, type TRPCError } from "@trpc/server";
import type { Context } from "./context.ts";
import { toTrpcError } from "./error-mapping.ts";

type Call = { ctx: Pick<Context, "services" | "requestId">; path: string };

/**
 * Gives what a stream failed with the form that errors of calls have, and logs defects: middleware is over when a stream
 * begins.
 */
export function reportStreamError({ ctx, path }: Call, thrown: unknown): TRPCError {
  const error = toTrpcError(getTRPCErrorFromUnknown(thrown));
  if (error.code === "INTERNAL_SERVER_ERROR") {
    ctx.services.log.error({ err: thrown, path, requestId: ctx.requestId }, "a live stream failed");
  }
  return error;
}
