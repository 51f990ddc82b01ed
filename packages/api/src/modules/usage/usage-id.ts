import { createHash } from "node:crypto";
import { isUuid } from "@guildhall/shared";

/**
 * Derives the id of a usage event from its idempotency key: the same key names the same event, so that a retry finds the
 * first one by primary key, whatever has changed since. A UUID is taken as it is (a UUIDv7 keeps the index growing at one
 * end), any other text is hashed into a UUIDv8. Ids are unique within an organization, as keys are.
 */
export function usageIdOf(idempotencyKey: string): string {
  const lower = idempotencyKey.toLowerCase();
  if (isUuid(lower)) return lower;
  const bytes = createHash("sha256").update(idempotencyKey).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
