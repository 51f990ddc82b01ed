import { readApiError } from "~/api/read-error";

/** What a page says when a passkey did not work: the browser's reasons, or the server's. */
export function passkeyFailure(error: unknown): string {
  const refused = readApiError(error);
  if (refused) return refused.fieldErrors.name ?? refused.message;
  const { name } = error instanceof Error ? error : { name: "" };
  return REASONS[name] ?? "The browser could not use a passkey here. Try another way.";
}

/** By the names that the WebAuthn specification gives. Browsers do not tell a refusal from a time-out, on purpose. */
const REASONS: Record<string, string> = {
  NotAllowedError: "No passkey was used: it was cancelled, or took too long. Try again.",
  AbortError: "No passkey was used: it was cancelled. Try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Passkeys work only at the portal’s own address. Open it there and try again.",
  NotSupportedError: "This browser or device has no passkeys of the kind that is needed.",
};
