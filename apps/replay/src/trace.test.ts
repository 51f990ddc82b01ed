import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTrace, surveyTrace, type TraceRow } from "./trace.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "guildhall-trace-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function given(text: string): Promise<string> {
  const file = join(dir, `${crypto.randomUUID()}.csv`);
  await writeFile(file, text);
  return file;
}

async function rowsOf(file: string, limit?: number): Promise<TraceRow[]> {
  const rows: TraceRow[] = [];
  for await (const row of readTrace(file, limit)) rows.push(row);
  return rows;
}

const HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";

test("reads the public traces: times to the millisecond in UTC, tokens as numbers", async () => {
  const file = await given(
    `${HEADER}\r\n2023-11-16 18:17:03.9799600,4808,10\r\n2023-11-16 18:17:04.0319600,3180,8\r\n`,
  );
  expect(await rowsOf(file)).toEqual([
    { row: 1, atMs: Date.UTC(2023, 10, 16, 18, 17, 3, 979), inputTokens: 4808, outputTokens: 10 },
    { row: 2, atMs: Date.UTC(2023, 10, 16, 18, 17, 4, 31), inputTokens: 3180, outputTokens: 8 },
  ]);
});

test("finds the columns by name: other orders, further columns, a byte order mark, empty lines", async () => {
  const file = await given(
    '\uFEFFGeneratedTokens,note, TIMESTAMP ,ContextTokens\n\n8,"a, b",2023-11-16T18:17:04Z,3180\n\n',
  );
  expect(await rowsOf(file)).toEqual([
    { row: 1, atMs: Date.UTC(2023, 10, 16, 18, 17, 4), inputTokens: 3180, outputTokens: 8 },
  ]);
});

test("stops at the limit, and surveys only up to it", async () => {
  const file = await given(`${HEADER}\n${"2023-11-16 18:17:04,1,2\n".repeat(5)}broken`);
  expect(await rowsOf(file, 3)).toHaveLength(3);
  expect(await surveyTrace(file, 5)).toMatchObject({ rowCount: 5 });
});

test("surveys count and span, also of rows out of order", async () => {
  const file = await given(`${HEADER}\n2023-11-16 18:00:05,1,2\n2023-11-16 18:00:00,1,2\n2023-11-16 18:00:03,1,2\n`);
  const first = Date.UTC(2023, 10, 16, 18);
  expect(await surveyTrace(file)).toEqual({ rowCount: 3, firstMs: first, lastMs: first + 5_000 });
});

test.each([
  ["a missing column is named", "TIMESTAMP,Tokens\n", "lacks ContextTokens, GeneratedTokens"],
  ["an empty file has no rows", "", "has no rows"],
  ["a header alone has no rows", `${HEADER}\n`, "has no rows"],
  [
    "a bad time is shown with its line",
    `${HEADER}\n2023-11-16 18:00:00,1,2\nyesterday,1,2\n`,
    'line 3: TIMESTAMP is no time: "yesterday"',
  ],
  ["an impossible time is no time", `${HEADER}\n2023-13-45 18:00:00,1,2\n`, "TIMESTAMP is no time"],
  [
    "bad tokens are shown with their line",
    `${HEADER}\n2023-11-16 18:00:00,1.5,2\n`,
    'line 2: ContextTokens is no number of tokens: "1.5"',
  ],
  ["negative tokens are refused", `${HEADER}\n2023-11-16 18:00:00,1,-2\n`, "GeneratedTokens is no number of tokens"],
  ["a short line is refused", `${HEADER}\n2023-11-16 18:00:00,1\n`, "not well-formed CSV"],
])("%s", async (_, text, message) => {
  await expect(surveyTrace(await given(text))).rejects.toThrow(message);
});

test("a file that is not there, or a folder, is said plainly", async () => {
  await expect(surveyTrace(join(dir, "none.csv"))).rejects.toThrow(/none\.csv cannot be read: ENOENT/);
  await expect(surveyTrace(dir)).rejects.toThrow(/cannot be read: EISDIR/);
});
