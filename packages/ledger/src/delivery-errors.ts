/** SQLSTATE classes and codes after which the same batch may be tried again: it was not the batch's fault. */
const TRANSIENT_CLASSES = new Set(["08", "40", "53"]);
const TRANSIENT_CODES = new Set([
  "25P03", // idle_in_transaction_session_timeout
  "55P03", // lock_not_available: another process held the wallet for longer than lock_timeout
  "57014", // query_canceled: statement_timeout
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Whether the batch may simply be sent again. Also true when it is unknown if it was committed (the connection broke): its
 * keys make the second time harmless.
 */
export function isTransient(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = "code" in cause ? String(cause.code) : "";
    if (TRANSIENT_CODES.has(code)) return true;
    if (SQLSTATE.test(code) && TRANSIENT_CLASSES.has(code.slice(0, 2))) return true;
  }
  return false;
}
