import type { Writable } from "node:stream";

/** Undefined when the stream takes more at once; else resolves when it does, or has closed. */
export function whenDrained(stream: Writable): Promise<void> | undefined {
  if (!stream.writableNeedDrain || stream.destroyed) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}
