import type { Log } from "@guildhall/api/server";
import { DomainError } from "@guildhall/shared";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { type Line, readLines } from "./lines.ts";
import { mapInOrder } from "./map-in-order.ts";
import { allowLongBody } from "./receive-deadline.ts";
import { refuseItem } from "./rest-errors.ts";
import type { ItemResult, RecordItems } from "./rest-usage-items.ts";
import type { RestVariables } from "./rest-variables.ts";
import { untilIdle } from "./until-idle.ts";
import { createUsageRoom } from "./usage-room.ts";

type RestContext = Context<{ Variables: RestVariables }>;

/** A use at its largest, every character escaped, has less than 5 KiB. */
const MAX_LINE_BYTES = 16 * 1024;
/** Lines that are charged together; two such groups of a stream are under way at a time. */
const GROUP_SIZE = 250;
const GROUPS_RUNNING = 2;
/** Streams that may be open: an organization that opens all of its own leaves the others theirs. */
const STREAMS = { total: 64, perOrganization: 8 };
/** Lines that may be under way: beyond that streams wait for each other, and the ledger's queue has room for single uses. */
const ITEMS = { total: 4_000, perOrganization: 2_000 };
/** How long a stream may bring no line, or take no answer, in milliseconds. */
const IDLE_MS = 60_000;

export interface UsageStreamOptions {
  log: Log;
  idleMs?: number | undefined;
}

/**
 * Makes the answer to a stream of uses: one line of JSON each, both ways, answered in order while the request still comes
 * in. Reads only as fast as the answers are taken, and stops reading when the client is gone; what it has read by then may
 * have been charged, and the same keys tell. The key is read anew for every group of lines. A stream that brings no line for
 * a while is told so in a last line and ended; one whose answers are not taken is cut.
 * @throws overloaded when too many streams are open, of the organization or in all
 */
export function createUsageStream(
  recordItems: RecordItems,
  { log, idleMs = IDLE_MS }: UsageStreamOptions,
): (c: RestContext) => Response {
  const streams = createUsageRoom(STREAMS, 5);
  const items = createUsageRoom(ITEMS, 1);

  return function streamUsage(c) {
    const { organizationId } = c.get("actor");
    streams.enter(organizationId, 1);
    allowLongBody(connectionOf(c));
    const reader = (c.req.raw.body ?? new ReadableStream({ start: (body) => body.close() })).getReader();
    const close = () => {
      streams.leave(organizationId, 1);
      void reader.cancel().catch(() => {});
    };
    const cut = () => void connectionOf(c)?.socket.destroy();
    const body = toBody(answer(c, reader), { idleMs, close, cut });
    // The rest of a request that was ended early is nobody's next one.
    return c.body(body, 200, { "content-type": "application/x-ndjson", connection: "close" });
  };

  async function* answer(c: RestContext, reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Uint8Array> {
    let isIdle = false;
    const lines = untilIdle(readLines(chunksOf(reader), MAX_LINE_BYTES), idleMs, () => {
      isIdle = true;
    });
    yield* mapInOrder(grouped(lines), (group) => answerGroup(c, group), GROUPS_RUNNING);
    if (isIdle) yield Buffer.from(`${JSON.stringify(endOfIdle(idleMs))}\n`);
  }

  /** Never rejects: a key that was revoked meanwhile is the answer to every line. */
  async function answerGroup(c: RestContext, lines: Line[]): Promise<Uint8Array> {
    const { organizationId } = c.get("actor");
    await items.waitToEnter(organizationId, lines.length);
    const results = await c
      .get("readActor")()
      .then((actor) => recordItems(c, { actor, items: lines.map(readLine) }))
      .catch((error: unknown): ItemResult[] => lines.map(() => refuseItem(error, c, log)))
      .finally(() => items.leave(organizationId, lines.length));
    const text = lines.map(({ number }, place) => `${JSON.stringify({ line: number, ...results[place] })}\n`).join("");
    return Buffer.from(text);
  }
}

/** Undefined only where no server listens. */
function connectionOf(c: RestContext): HttpBindings["incoming"] | undefined {
  const bindings = c.env as Partial<HttpBindings> | undefined;
  return bindings?.incoming;
}

interface BodyOptions {
  idleMs: number;
  /** Called once, when nothing more is sent. */
  close(): void;
  /** Ends the connection. An error of the body would do it, too, but count as a defect. */
  cut(): void;
}

/** Hands answers out as they are taken; when one is not taken in time, the connection is cut. */
function toBody(answers: AsyncGenerator<Uint8Array>, { idleMs, close, cut }: BodyOptions): ReadableStream<Uint8Array> {
  let untaken: NodeJS.Timeout | undefined;
  let isOpen = true;
  const end = () => {
    clearTimeout(untaken);
    if (isOpen) close();
    isOpen = false;
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(untaken);
        try {
          const { done, value } = await answers.next();
          if (!isOpen) return;
          if (!done) {
            controller.enqueue(value);
            untaken = setTimeout(() => {
              end();
              cut();
            }, idleMs);
            return;
          }
          controller.close();
          end();
        } catch (error) {
          end();
          controller.error(error);
        }
      },
      cancel: end,
    },
    { highWaterMark: 1 },
  );
}

/** What a stream is told that brought nothing: not the answer to a line, so it has no number. */
function endOfIdle(idleMs: number) {
  const message = `No line came for ${idleMs / 1_000} seconds, so the stream was ended. Send what was not answered in a new one.`;
  return { line: null, status: "ended", reason: "idle", message };
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
