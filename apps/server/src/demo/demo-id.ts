import { createHash } from "node:crypto";

/** The same id for the same part of the demo, so that loading it again finds what is there. */
export function demoId(part: string): string {
  const hex = createHash("sha256").update(`guildhall demo: ${part}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
