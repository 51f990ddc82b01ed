import { expect, test } from "vitest";
import { clientFrame, FrameReader } from "./frame-reader.ts";

function serverFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const head = length < 126 ? Buffer.from([0x81, length]) : Buffer.from([0x81, 126, length >> 8, length & 0xff]);
  return Buffer.concat([head, payload]);
}

test("frames are read whole and in order wherever the stream is cut", () => {
  const texts = ["", "short", "x".repeat(125), "y".repeat(126), "z".repeat(5_000)];
  const stream = Buffer.concat(texts.map(serverFrame));
  for (const pieceBytes of [1, 2, 3, 7, 128, stream.length]) {
    const read: string[] = [];
    const reader = new FrameReader({ onText: (payload) => read.push(String(payload)), onPing: () => {} });
    for (let start = 0; start < stream.length; start += pieceBytes) {
      reader.push(Buffer.from(stream.subarray(start, start + pieceBytes)));
    }
    expect(read).toEqual(texts);
  }
});

test("a client's frame is masked with zeros, so its payload is what it says", () => {
  const frame = clientFrame(1, Buffer.from("z".repeat(200)));
  expect([...frame.subarray(0, 8)]).toEqual([0x81, 0x80 | 126, 0, 200, 0, 0, 0, 0]);
  expect(frame.subarray(8).toString()).toBe("z".repeat(200));
});
