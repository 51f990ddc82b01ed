import { expect, test } from "vitest";
import { encodeFrame } from "./frame-encoder.ts";

function delivery(requestId: unknown, event: object) {
  return { id: requestId, jsonrpc: undefined, result: { type: "data", id: "7", data: { id: "7", data: event } } };
}

test("a delivered event looks exactly as tRPC would have written it", () => {
  const event = { type: "organization.renamed", payload: { name: '"Ümläut" \u2028 </script>' }, at: "now" };
  for (const id of [1, 'a"b']) {
    const frame = delivery(id, event);
    expect(JSON.parse(encodeFrame(frame))).toEqual(JSON.parse(JSON.stringify(frame)));
  }
});

test("an event is turned into text once, however many it goes to", () => {
  let turned = 0;
  const event = {
    toJSON() {
      turned += 1;
      return { type: "x" };
    },
  };
  const frames = [1, 2, 3].map((id) => encodeFrame(delivery(id, event)));
  expect(turned).toBe(1);
  expect(frames.map((text) => JSON.parse(text).id)).toEqual([1, 2, 3]);
});

test.each([
  { id: 1, result: { type: "started" } },
  { id: 1, result: { type: "data", data: { id: "7", data: {} } } },
  { id: 1, result: { type: "data", id: "7", data: { id: "8", data: {} } } },
  { id: 1, result: { type: "data", id: "7", data: { id: "7", data: null } } },
  { id: 1, result: { type: "data", id: "7", data: null } },
  { id: 1, result: { type: "data", data: [1, null] } },
  { id: 1, jsonrpc: "2.0", result: { type: "data", id: "7", data: { id: "7", data: {} } } },
  { id: null, error: { code: -32600, message: "no" } },
])("everything else is plain JSON: %o", (answer) => {
  expect(encodeFrame(answer)).toBe(JSON.stringify(answer));
});
