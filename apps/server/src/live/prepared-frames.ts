import type { DeliveredFrame } from "@guildhall/api/server";
import type { RequestId } from "./message-gate.ts";

/** What WebSocket frames for one request are joined to before they are written, in bytes; a longer frame stays whole. */
const CHUNK_BYTES = 64 * 1024;
/** Requests for which the bytes of an array of frames are kept: pages count from 1, others could make up any number. */
const KEPT_REQUESTS = 32;

const byFrames = new WeakMap<readonly DeliveredFrame[], Map<RequestId, readonly Buffer[]>>();
const envelopeEnds = new WeakMap<DeliveredFrame, Buffer>();

/**
 * Turns frames into bytes that can be written to the socket as they are: complete WebSocket frames of text, in tRPC's own
 * envelope. Made once for everybody who gets the same array under the same request id. Never change them.
 */
export function prepareFrames(frames: readonly DeliveredFrame[], requestId: RequestId): readonly Buffer[] {
  const byRequest = byFrames.get(frames) ?? new Map<RequestId, readonly Buffer[]>();
  byFrames.set(frames, byRequest);
  const known = byRequest.get(requestId);
  if (known) return known;
  const envelopeStart = Buffer.from(`{"id":${JSON.stringify(requestId)}`);
  const chunks = join(frames.map((frame) => textFrame([envelopeStart, envelopeEndOf(frame)])));
  if (byRequest.size < KEPT_REQUESTS) byRequest.set(requestId, chunks);
  return chunks;
}

/** The envelope behind the request's id, which is all that differs between watchers. */
function envelopeEndOf(delivered: DeliveredFrame): Buffer {
  const known = envelopeEnds.get(delivered);
  if (known) return known;
  const text = JSON.stringify(delivered.frame);
  const id = JSON.stringify(delivered.id);
  const result = delivered.id === null ? `"data":${text}` : `"id":${id},"data":{"id":${id},"data":${text}}`;
  const bytes = Buffer.from(`,"result":{"type":"data",${result}}}`);
  envelopeEnds.set(delivered, bytes);
  return bytes;
}

/** A whole message of text in one frame, unmasked, as a server sends it (RFC 6455, section 5.2). */
function textFrame(payload: readonly Buffer[]): Buffer {
  const sizeBytes = payload.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([textFrameHead(sizeBytes), ...payload]);
}

const FINAL_TEXT = 0x81;

function textFrameHead(sizeBytes: number): Buffer {
  if (sizeBytes < 126) return Buffer.from([FINAL_TEXT, sizeBytes]);
  if (sizeBytes < 65_536) return Buffer.from([FINAL_TEXT, 126, sizeBytes >> 8, sizeBytes & 0xff]);
  const head = Buffer.alloc(10);
  head.writeUInt8(FINAL_TEXT, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(BigInt(sizeBytes), 2);
  return head;
}

/** Neighbours in one buffer, so that one write carries many frames. */
function join(buffers: readonly Buffer[]): Buffer[] {
  const chunks: Buffer[][] = [];
  let sizeBytes = 0;
  for (const buffer of buffers) {
    const current = chunks.at(-1);
    if (current && sizeBytes + buffer.length <= CHUNK_BYTES) {
      current.push(buffer);
      sizeBytes += buffer.length;
    } else {
      chunks.push([buffer]);
      sizeBytes = buffer.length;
    }
  }
  return chunks.map((chunk) => (chunk.length === 1 ? (chunk[0] as Buffer) : Buffer.concat(chunk)));
}
