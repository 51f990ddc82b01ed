import { DomainError } from "@guildhall/shared";
import { type AnyTRPCRouter, getTRPCErrorShape, TRPCError } from "@trpc/server";
import type { TooMany } from "./message-gate.ts";

/** The answer to a request beyond what a socket may have open, as the router's other errors look. */
export function tooManyAnswer(router: AnyTRPCRouter, { id, path, type }: TooMany): object {
  const cause = new DomainError("overloaded");
  const error = new TRPCError({ code: "TOO_MANY_REQUESTS", message: cause.message, cause });
  const config = router._def._config;
  return { id, error: getTRPCErrorShape({ config, error, type, path, input: undefined, ctx: undefined }) };
}
