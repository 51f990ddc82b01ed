import { setImmediate as nextTurn } from "node:timers/promises";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createLog } from "../log.ts";
import { createAccessLog } from "./access-log.ts";
import { logEnd, type RequestEnd } from "./request-log.ts";

function given(LOG_LEVEL: "info" | "warn" = "info") {
  const writes: string[] = [];
  const output = { write: (text: string) => void writes.push(text) };
  const log = createLog({ LOG_LEVEL, LOG_FORMAT: "json" }, output);
  const read = () => writes.flatMap((text) => text.trim().split("\n")).map((line) => JSON.parse(line) as object);
  return { log, output, writes, read };
}

const endOf = (n: number): RequestEnd => ({
  ...{ requestId: `request-${n}`, method: "POST", path: "/api/v1/usage", status: 201 },
  startedMs: performance.now(),
});

test("requests that end in one turn are written together, each with the line that it would have had alone", async () => {
  const { log, writes, read } = given();
  const logQuickly = createAccessLog(log);
  for (const n of [1, 2, 3]) logQuickly(endOf(n));
  expect(writes).toEqual([]);
  await nextTurn();
  expect(writes).toHaveLength(1);
  for (const n of [1, 2, 3]) logEnd(log, endOf(n));
  const lines = read().map((line) => ({
    ...line,
    time: expect.stringMatching(/^20.*Z$/),
    durationMs: expect.any(Number),
  }));
  expect(read()).toEqual([...lines.slice(3), ...lines.slice(3)]);
  expect(Object.keys(read()[0] ?? {})).toEqual(Object.keys(read()[3] ?? {}));
  logQuickly(endOf(4));
  await nextTurn();
  expect(read()).toHaveLength(7);
});

test("nothing is written below the level, and a log of somebody else's gets its lines one by one", async () => {
  const quiet = given("warn");
  createAccessLog(quiet.log)(endOf(1));
  const other = given();
  createAccessLog(pino({ base: null }, other.output))(endOf(2));
  expect(other.read()).toMatchObject([{ requestId: "request-2", status: 201, msg: "request" }]);
  await nextTurn();
  expect(quiet.writes).toEqual([]);
});
