/** One line of a text that streams in, without its line break, or too long to be kept. */
export interface Line {
  /** Counted from 1, empty ones included. */
  number: number;
  /** Undefined when the line is longer than allowed. */
  bytes: Uint8Array | undefined;
}

const LINE_FEED = 0x0a;

/**
 * Cuts chunks into lines and hands out all that a chunk completes at once, so that whoever sends one line and waits is
 * answered. Keeps at most one unfinished line of `maxSizeBytes`: the rest of a longer one is dropped as it arrives.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxSizeBytes: number): AsyncGenerator<Line[]> {
  const cutter = createLineCutter(maxSizeBytes);
  for await (const chunk of chunks) {
    const lines = cutter.cut(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = cutter.end();
  if (last) yield [last];
}

function createLineCutter(maxSizeBytes: number) {
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  let number = 0;

  function keep(part: Uint8Array): void {
    sizeBytes += part.length;
    if (sizeBytes > maxSizeBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  }

  function finish(): Line {
    number += 1;
    const bytes = sizeBytes > maxSizeBytes ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts);
    parts = [];
    sizeBytes = 0;
    return { number, bytes };
  }

  return {
    cut(chunk: Uint8Array): Line[] {
      const lines: Line[] = [];
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        keep(chunk.subarray(start, end));
        lines.push(finish());
        start = end + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
    /** What comes after the last line break. */
    end: (): Line | undefined => (sizeBytes > 0 ? finish() : undefined),
  };
}
