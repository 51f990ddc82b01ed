import { type DomainErrorCode, domainErrors, isDomainError } from "@guildhall/shared";
import { TRPCError } from "@trpc/server";
import { ZodError } from "zod";

const trpcCodeByStatus = {
  401: "UNAUTHORIZED",
  402: "PAYMENT_REQUIRED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  410: "NOT_FOUND",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  422: "UNPROCESSABLE_CONTENT",
  429: "TOO_MANY_REQUESTS",
} as const;

/** What a page learns of an error, beside tRPC's own code. Never a stack, never a cause. */
export interface ErrorData {
  /** The product's own code, where the error is a refusal and not a defect. */
  domainCode: DomainErrorCode | null;
  details: Record<string, string | number>;
  /** First message per field of the input, by its path ("slug", "address.city"). */
  fieldErrors: Record<string, string>;
  requestId: string | null;
}

/** Turns a refusal into tRPC's error; anything else passes as it is. The one place where the two vocabularies meet. */
export function toTrpcError(error: TRPCError): TRPCError {
  if (!isDomainError(error.cause)) return error;
  const code = trpcCodeByStatus[domainErrors[error.cause.code].status];
  return new TRPCError({ code, message: error.cause.message, cause: error.cause });
}

/** Says what a page may know of an error. */
export function describeError(error: TRPCError, requestId: string | null): ErrorData {
  const { cause } = error;
  return {
    domainCode: isDomainError(cause) ? cause.code : cause instanceof ZodError ? "invalid_input" : null,
    details: isDomainError(cause) ? { ...cause.details } : {},
    fieldErrors: cause instanceof ZodError ? firstMessages(cause) : {},
    requestId,
  };
}

/** The sentence a person reads: a defect shows none of its inside. */
export function publicMessage(error: TRPCError): string {
  if (error.cause instanceof ZodError) return error.cause.issues[0]?.message ?? domainErrors.invalid_input.message;
  if (error.code === "INTERNAL_SERVER_ERROR") return "Something went wrong on our side. Try again in a moment.";
  return error.message;
}

function firstMessages(error: ZodError): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const issue of error.issues) messages[issue.path.join(".")] ??= issue.message;
  return messages;
}
