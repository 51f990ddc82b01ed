const EMPTY = Buffer.alloc(0);

/** What a server may send: text, a ping, a close. */
export interface FrameHandlers {
  onText(payload: Buffer): void;
  onPing(payload: Buffer): void;
}

const TEXT = 1;
const PING = 9;

/** Cuts a server's byte stream into WebSocket frames; whole, unmasked ones, as our servers send them. */
export class FrameReader {
  private rest: Buffer = EMPTY;
  private readonly handlers: FrameHandlers;

  constructor(handlers: FrameHandlers) {
    this.handlers = handlers;
  }

  push(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let start = 0;
    for (;;) {
      const head = readHead(bytes, start);
      if (!head || start + head.headBytes + head.payloadBytes > bytes.length) break;
      const payloadStart = start + head.headBytes;
      start = payloadStart + head.payloadBytes;
      const payload = bytes.subarray(payloadStart, start);
      if (head.opcode === TEXT) this.handlers.onText(payload);
      else if (head.opcode === PING) this.handlers.onPing(payload);
    }
    // A copy: the chunk's memory is the socket's to reuse.
    this.rest = start === bytes.length ? EMPTY : Buffer.from(bytes.subarray(start));
  }
}

function readHead(bytes: Buffer, start: number) {
  if (bytes.length < start + 2) return undefined;
  const opcode = (bytes[start] as number) & 0x0f;
  const length = (bytes[start + 1] as number) & 0x7f;
  if (length < 126) return { opcode, headBytes: 2, payloadBytes: length };
  if (length === 126) {
    return bytes.length < start + 4 ? undefined : { opcode, headBytes: 4, payloadBytes: bytes.readUInt16BE(start + 2) };
  }
  if (bytes.length < start + 10) return undefined;
  return { opcode, headBytes: 10, payloadBytes: Number(bytes.readBigUInt64BE(start + 2)) };
}

/** A client's frame: masked, as it must be, with a mask of zeros, which leaves the payload as it is. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = length < 126 ? Buffer.alloc(6) : Buffer.alloc(8);
  head[0] = 0x80 | opcode;
  if (length < 126) {
    head[1] = 0x80 | length;
  } else {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, payload]);
}
