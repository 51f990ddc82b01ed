const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const RANDOM_BYTES = 10;
// Random bytes are drawn by the page: one call of the generator costs as much as sixty ids.
const pool = new Uint8Array(RANDOM_BYTES * 256);
let drawn = pool.length;
let lastMs = -1;
let timePart = "";

/**
 * Makes a UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits. Time-ordered, so that index pages fill from one end.
 * Works in the browser and on the server.
 */
export function newId(nowMs: number = Date.now()): string {
  if (drawn === pool.length) {
    crypto.getRandomValues(pool);
    drawn = 0;
  }
  if (nowMs !== lastMs) {
    const time = nowMs.toString(16).padStart(12, "0");
    timePart = `${time.slice(0, 8)}-${time.slice(8)}`;
    lastMs = nowMs;
  }
  const hex = (at: number) => HEX[pool[drawn + at] ?? 0];
  const version = HEX[0x70 | ((pool[drawn] ?? 0) & 0x0f)];
  const variant = HEX[0x80 | ((pool[drawn + 2] ?? 0) & 0x3f)];
  const id = `${timePart}-${version}${hex(1)}-${variant}${hex(3)}-${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`;
  drawn += RANDOM_BYTES;
  return id;
}

/** Says whether a text is a UUID in lower case, the only form that the portal writes. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
