import { parseArgs } from "node:util";
import { isUuid, newId } from "@guildhall/shared";

/** What one replay is asked to do. */
export interface ReplayOptions {
  file: string;
  /** Slug of the organization that pays; undefined when the key alone says so. */
  organization: string | undefined;
  /** Times real time; Infinity sends as fast as the answers come. */
  speed: number;
  /** Requests under way at a time. */
  concurrency: number;
  /** Uses per request. */
  bulk: number;
  url: string;
  key: string | undefined;
  keysFile: string | undefined;
  /** Names the run: the same run and file send the same idempotency keys. A UUIDv7. */
  runId: string;
  /** Undefined: the cheapest of the price list. */
  model: string | undefined;
  /** Rows to send at most. */
  limit: number;
  members: string[];
  asJson: boolean;
}

/** The command line cannot be understood. The message says what to change. */
export class OptionError extends Error {}

export const usage = `Sends a trace of model requests as billed usage, and proves what it did to the wallet.

  npm run replay -- FILE --organization SLUG [options]

  FILE                  CSV with the columns TIMESTAMP, ContextTokens, GeneratedTokens
  --organization SLUG   who pays; picks the demo's key of that organization
  --speed N|max         N times the trace's own pace, or as fast as answered (default max)
  --concurrency N       requests under way at a time (default 64; with --bulk 4)
  --bulk N              so many uses in one request, up to 1000 (default 1)
  --key KEY             API key; else the environment's GUILDHALL_API_KEY, else the demo's
  --url URL             the portal (default http://localhost:3000, or at the environment's PORT)
  --model NAME          a model of the price list (default the cheapest)
  --member EMAIL        for whom the agents work; may be repeated (default the demo's members)
  --limit N             at most so many rows
  --run ID              repeat an earlier run: what it charged is not charged again
  --keys FILE           where the demo's keys are (default .data/demo-keys.json)
  --json                print the report as JSON
  --help                print this
`;

const definitions = {
  organization: { type: "string" },
  speed: { type: "string", default: "max" },
  concurrency: { type: "string" },
  bulk: { type: "string", default: "1" },
  key: { type: "string" },
  keys: { type: "string" },
  url: { type: "string" },
  model: { type: "string" },
  member: { type: "string", multiple: true, default: [] as string[] },
  limit: { type: "string" },
  run: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Reads the command line. "help" when that is all that was wanted. @throws OptionError */
export function parseOptions(
  args: string[],
  environment: Readonly<Record<string, string | undefined>>,
): ReplayOptions | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const bulk = readCount("--bulk", values.bulk, 1_000);
  const [file, ...surplus] = positionals;
  if (file === undefined) throw new OptionError("Name the trace to replay.");
  if (surplus.length > 0) throw new OptionError(`One trace at a time: what is ${surplus.join(" ")}?`);
  return {
    file,
    organization: values.organization,
    speed: readSpeed(values.speed),
    concurrency: readCount("--concurrency", values.concurrency ?? (bulk > 1 ? "4" : "64"), 1_000),
    bulk,
    url: readUrl(values.url ?? `http://localhost:${environment.PORT || "3000"}`),
    key: values.key ?? (environment.GUILDHALL_API_KEY || undefined),
    keysFile: values.keys,
    runId: readRun(values.run),
    model: values.model,
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : readCount("--limit", values.limit, 2 ** 32),
    members: values.member,
    asJson: values.json,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: definitions, allowPositionals: true });
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const speed = Number(text.replace(/x$/, ""));
  if (text === "" || !Number.isFinite(speed) || speed <= 0) {
    throw new OptionError(`--speed is a number above zero (60 = an hour in a minute) or max, not ${text}.`);
  }
  return speed;
}

function readCount(option: string, text: string, max: number): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw new OptionError(`${option} is a whole number from 1 to ${max}, not ${text}.`);
  }
  return count;
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new OptionError(`--url is an http address, not ${text}.`);
  return url.href.replace(/\/+$/, "");
}

function readRun(text: string | undefined): string {
  if (text === undefined) return newId();
  const id = text.toLowerCase();
  if (!isUuid(id) || id[14] !== "7") throw new OptionError("--run takes the id that an earlier report has shown.");
  return id;
}
