import type { Writable } from "node:stream";
import type { DeliveredFrame } from "@guildhall/api/server";
import { expect, test } from "vitest";
import * as library from "ws";
import { prepareFrames } from "./prepared-frames.ts";

/** Exported by the library, unknown to its types. */
const { Receiver } = library as unknown as { Receiver: new (options: object) => Writable };

/** Reads bytes as a WebSocket client does: the library's own parser says whether they are proper frames. */
function read(chunks: readonly Buffer[]): unknown[] {
  const messages: unknown[] = [];
  const receiver = new Receiver({ allowSynchronousEvents: true, isServer: false });
  receiver.on("message", (data: Buffer, isBinary: boolean) => {
    expect(isBinary).toBe(false);
    messages.push(JSON.parse(data.toString("utf8")));
  });
  receiver.on("error", (error: Error) => {
    throw error;
  });
  for (const chunk of chunks) receiver.write(chunk);
  return messages;
}

function renamed(sequence: number, name = `Name ${sequence}`): DeliveredFrame {
  const frame = { type: "organization.renamed" as const, payload: { name }, at: "2026-03-01T09:00:00.000Z" };
  return { id: String(sequence), frame };
}

/** As tRPC's adapter answers when a procedure yields `tracked(id, frame)`, or just the frame. */
function envelope(requestId: string | number, { id, frame }: DeliveredFrame) {
  const result = id === null ? { type: "data", data: frame } : { type: "data", id, data: { id, data: frame } };
  return { id: requestId, result };
}

test("frames look exactly as tRPC would have written them, whatever they hold and whoever asked", () => {
  const hint: DeliveredFrame = { id: null, frame: { kind: "organizations_changed" } };
  const frames = [renamed(7, '"Ümläut" \u2028 </script> 🦊'), hint];
  for (const requestId of [0, 1, -1.5, 'a"b', "🦊", ""]) {
    expect(read(prepareFrames(frames, requestId))).toEqual(frames.map((frame) => envelope(requestId, frame)));
  }
});

/** Around the sizes at which a frame's head changes its form: 125, 126, 65,535 and 65,536 bytes of payload. */
test.each([1, 10, 20, 30, 65_400, 65_420, 65_440, 70_000])("lengths are told right from %i bytes on", (start) => {
  const around = Array.from({ length: 32 }, (_, n) => renamed(1, "x".repeat(start + n)));
  expect(read(prepareFrames(around, 1))).toEqual(around.map((frame) => envelope(1, frame)));
});

test("the same array for the same request is prepared once, and a frame is turned into text once for all requests", () => {
  let turned = 0;
  const counting = {
    toJSON() {
      turned += 1;
      return {};
    },
  };
  const frames = [{ id: "1", frame: counting as never }];
  expect(prepareFrames(frames, 1)).toBe(prepareFrames(frames, 1));
  expect(prepareFrames(frames, 2)).not.toBe(prepareFrames(frames, 1));
  expect(prepareFrames([...frames], 3)).toHaveLength(1);
  expect(turned).toBe(1);
});

test("request ids that somebody makes up are not kept for ever", () => {
  const frames = [renamed(1)];
  const kept = Array.from({ length: 1_000 }, (_, n) => prepareFrames(frames, `made up ${n}`));
  const isKept = kept.map((chunks, n) => prepareFrames(frames, `made up ${n}`) === chunks);
  expect(isKept.filter(Boolean).length).toBeLessThan(100);
});

test("many small frames are joined, large ones stay whole, and the order is kept", () => {
  const frames = Array.from({ length: 2_000 }, (_, n) => renamed(n, n % 500 === 499 ? "x".repeat(100_000) : "y"));
  const chunks = prepareFrames(frames, 1);
  expect(chunks.length).toBeLessThan(20);
  expect(read(chunks)).toEqual(frames.map((frame) => envelope(1, frame)));
});
