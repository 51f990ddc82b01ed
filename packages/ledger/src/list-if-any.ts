import type { QueuedRequest } from "./queued-request.ts";

/** Empty when no request has it, which tells the database that it need not look. */
export function listIfAny(
  batch: readonly QueuedRequest[],
  read: (request: QueuedRequest["request"]) => string | undefined,
): (string | null)[] {
  let isAny = false;
  const list = batch.map(({ request }) => {
    const value = read(request);
    if (value === undefined) return null;
    isAny = true;
    return value;
  });
  return isAny ? list : [];
}
