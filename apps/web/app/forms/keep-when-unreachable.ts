import type { ClientActionFunctionArgs } from "@remix-run/react";
import { type FormResult, UNREACHABLE } from "./form-result";

/**
 * Sends a form; when the server cannot be reached the form stays as it is, with what was typed and its idempotency key, so
 * that sending it again is safe. Without it a lost connection would replace the page.
 */
export async function keepWhenUnreachable({ request, serverAction }: ClientActionFunctionArgs) {
  const intent = String((await request.clone().formData()).get("intent") ?? "");
  try {
    return await serverAction<unknown>();
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    const result: FormResult = {
      intent,
      values: {},
      fieldErrors: {},
      formError: "The server could not be reached. Nothing you typed is lost: send it again in a moment.",
      requestId: null,
      code: UNREACHABLE,
      details: {},
    };
    return result;
  }
}

/** Tells a lost connection (or a proxy that answers for a stopped server) from an answer of ours. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  return error instanceof Error && error.message.startsWith("Unable to decode turbo-stream response");
}
