import type { Log } from "@guildhall/api/server";
import { DomainError } from "@guildhall/shared";
import type { Context } from "hono";
import { type Line, readLines } from "./lines.ts";
import { mapInOrder } from "./map-in-order.ts";
import { refuseItem } from "./rest-errors.ts";
import type { ItemResult, RecordItems } from "./rest-usage-items.ts";
import type { RestVariables } from "./rest-variables.ts";

type RestContext = Context<{ Variables: RestVariables }>;

/** A use at its largest, every character escaped, has less than 5 KiB. */
const MAX_LINE_BYTES = 16 * 1024;
/** Lines that are charged together; two such groups of a stream are under way at a time. */
const GROUP_SIZE = 250;
const GROUPS_RUNNING = 2;
/** Together they leave the ledger's queue room for single uses. */
const MAX_STREAMS = 10;

/**
 * Makes the answer to a stream of uses: one line of JSON each, both ways, answered in order while the request still comes
 * in. Reads only as fast as the answers are taken, and stops reading when the client is gone; what it has read by then may
 * have been charged, and the same keys tell. The key is read anew for every group of lines.
 * @throws overloaded when too many streams are open
 */
export function createUsageStream(recordItems: RecordItems, log: Log): (c: RestContext) => Response {
  let openCount = 0;

  return function streamUsage(c) {
    if (openCount >= MAX_STREAMS) throw new DomainError("overloaded", { retryAfterSeconds: 5 });
    openCount += 1;
    const reader = (c.req.raw.body ?? new ReadableStream({ start: (body) => body.close() })).getReader();
    const lines = grouped(readLines(chunksOf(reader), MAX_LINE_BYTES));
    const answers = mapInOrder(lines, (group) => answerGroup(c, group), GROUPS_RUNNING);
    let close = () => {
      close = () => {};
      openCount -= 1;
      return void reader.cancel().catch(() => {});
    };
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const { done, value } = await answers.next();
            if (!done) return controller.enqueue(value);
            controller.close();
            close();
          } catch (error) {
            close();
            controller.error(error);
          }
        },
        cancel: () => close(),
      },
      { highWaterMark: 1 },
    );
    return c.body(body, 200, { "content-type": "application/x-ndjson" });
  };

  /** Never rejects: a key that was revoked meanwhile is the answer to every line. */
  async function answerGroup(c: RestContext, lines: Line[]): Promise<Uint8Array> {
    const results = await c
      .get("readActor")()
      .then((actor) => recordItems(c, { actor, items: lines.map(readLine) }))
      .catch((error: unknown): ItemResult[] => lines.map(() => refuseItem(error, c, log)));
    const text = lines.map(({ number }, place) => `${JSON.stringify({ line: number, ...results[place] })}\n`).join("");
    return Buffer.from(text);
  }
}

async function* chunksOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function* grouped(batches: AsyncIterable<Line[]>): AsyncGenerator<Line[]> {
  for await (const lines of batches) {
    const filled = lines.filter(({ bytes }) => !bytes || bytes.some((byte) => byte > SPACE));
    for (let start = 0; start < filled.length; start += GROUP_SIZE) yield filled.slice(start, start + GROUP_SIZE);
  }
}

const SPACE = 0x20;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

function readLine({ bytes }: Line): unknown {
  if (!bytes) return new DomainError("too_large", { maxSizeBytes: MAX_LINE_BYTES });
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return new DomainError("invalid_input", {}, "The line is not valid JSON.");
  }
}
