import { hash } from "node:crypto";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * The id under which a posting with this key is stored. A UUIDv7 stays what it is, so that keys arrive in the order of the
 * index; any other text becomes a UUIDv8 of its SHA-256, so that it can never meet a UUIDv7.
 */
export function idOfKey(idempotencyKey: string): string {
  return UUID_V7.test(idempotencyKey) ? idempotencyKey.toLowerCase() : hashToUuid(idempotencyKey);
}

/** 122 bits of the text's SHA-256 as a UUIDv8 (RFC 9562). */
export function hashToUuid(text: string): string {
  const hex = hash("sha256", text, "hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const UUID_V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A fingerprint as it is stored: what hashToUuid has made stays what it is. */
export function toStoredFingerprint(fingerprint: string | undefined): string | undefined {
  return fingerprint === undefined || UUID_V8.test(fingerprint) ? fingerprint : hashToUuid(fingerprint);
}

/** Says whether an id that idOfKey made was the key itself: a key that is such an id stands for a posting of the same id. */
export function isKeyOfItself(id: string): boolean {
  return id[14] === "7";
}
