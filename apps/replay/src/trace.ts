import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";

/** One request of the trace. */
export interface TraceRow {
  /** Counted from 1, without the header. */
  row: number;
  atMs: number;
  inputTokens: number;
  outputTokens: number;
}

/** What a trace holds, known before anything is sent. */
export interface TraceSurvey {
  rowCount: number;
  firstMs: number;
  lastMs: number;
}

/** The file is no trace. The message names the line and what is wrong with it. */
export class TraceError extends Error {}

const columns = { at: "TIMESTAMP", inputTokens: "ContextTokens", outputTokens: "GeneratedTokens" } as const;
/** UTC, as the public traces have it; more than three decimals are cut. */
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/;

/** Reads a trace row by row, whatever the order of its columns, never holding more than a piece of it. @throws TraceError */
export async function* readTrace(file: string, limit = Number.POSITIVE_INFINITY): AsyncGenerator<TraceRow> {
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    skip_empty_lines: true,
    ...(Number.isFinite(limit) && { to: limit }),
    columns: (header: string[]) => checkHeader(file, header),
  });
  const reading = pipeline(createReadStream(file), parser);
  reading.catch(() => {}); // The loop below meets the same error.
  let row = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvLine>) {
      row += 1;
      yield toRow(record, row, `${file}, line ${info.lines}`);
    }
  } catch (error) {
    throw explain(error, file);
  } finally {
    parser.destroy();
  }
}

type CsvLine = { record: Record<string, string>; info: { lines: number } };

/** Reads the whole trace once, so that a bad line in the middle is found before the first row is billed. @throws TraceError */
export async function surveyTrace(file: string, limit?: number): Promise<TraceSurvey> {
  const survey = { rowCount: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };
  for await (const { atMs } of readTrace(file, limit)) {
    survey.rowCount += 1;
    survey.firstMs = Math.min(survey.firstMs, atMs);
    survey.lastMs = Math.max(survey.lastMs, atMs);
  }
  if (survey.rowCount === 0) throw new TraceError(`${file} has no rows.`);
  return survey;
}

function checkHeader(file: string, header: string[]): string[] {
  const missing = Object.values(columns).filter((column) => !header.includes(column));
  if (missing.length === 0) return header;
  throw new TraceError(
    `${file} is no trace: its first line lacks ${missing.join(", ")}. It needs the columns ${Object.values(columns).join(", ")}.`,
  );
}

function toRow(record: Record<string, string>, row: number, place: string): TraceRow {
  const atMs = readTimestamp(record[columns.at] ?? "");
  if (atMs === undefined) throw new TraceError(`${place}: ${columns.at} is no time: "${record[columns.at]}".`);
  return {
    row,
    atMs,
    inputTokens: readTokens(record, columns.inputTokens, place),
    outputTokens: readTokens(record, columns.outputTokens, place),
  };
}

function readTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (!match) return undefined;
  const [, day, time, fraction = "", zone = "Z"] = match;
  const ms = Date.parse(`${day}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function readTokens(record: Record<string, string>, column: string, place: string): number {
  const text = record[column] ?? "";
  if (!/^\d{1,10}$/.test(text)) throw new TraceError(`${place}: ${column} is no number of tokens: "${text}".`);
  return Number(text);
}

function explain(error: unknown, file: string): unknown {
  if (error instanceof CsvError)
    return new TraceError(`${file} is not well-formed CSV: ${error.message}`, { cause: error });
  if (error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) {
    return new TraceError(`${file} cannot be read: ${error.message}`, { cause: error });
  }
  return error;
}
