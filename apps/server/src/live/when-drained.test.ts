import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { whenDrained } from "./when-drained.ts";

/** A stream that takes four bytes, and keeps them until it is told to let go. */
function givenStream() {
  let letGo = () => {};
  const stream = new Writable({
    highWaterMark: 4,
    write: (_chunk, _encoding, done) => {
      letGo = done;
    },
  });
  return { stream, letGo: () => letGo() };
}

describe("waiting for a stream to drain", () => {
  test("is not needed while it takes more", () => {
    const { stream } = givenStream();
    stream.write("abc");
    expect(whenDrained(stream)).toBeUndefined();
  });

  test("ends when it takes more again, and leaves no listener behind", async () => {
    const { stream, letGo } = givenStream();
    stream.write("abcd");
    const [one, other] = [whenDrained(stream), whenDrained(stream)];
    expect(one).toBeInstanceOf(Promise);
    letGo();
    await Promise.all([one, other]);
    expect([stream.listenerCount("drain"), stream.listenerCount("close")]).toEqual([0, 0]);
    expect(whenDrained(stream)).toBeUndefined();
  });

  test("ends when it closes, and never begins after that", async () => {
    const { stream } = givenStream();
    stream.write("abcd");
    const waiting = whenDrained(stream);
    stream.destroy();
    await waiting;
    expect(whenDrained(stream)).toBeUndefined();
  });
});
