import { parseArgs } from "node:util";
import { openDatabase } from "@guildhall/db";
import { isUuid } from "@guildhall/shared";
import { type Drift, type Verify, verify } from "./verify.ts";

const USAGE = `Proves the ledger: accounts sum to zero, balances are the sum of their entries, sequences have no gaps, holds,
lots, refunds and what counts as spent are what was posted. It reads one snapshot, changes nothing, and ends with 1 when
something is wrong.

  node packages/ledger/src/verify-command.ts --database-url URL [--book ID] [--json]

  --database-url  the database (postgres://…); the app's role is enough
  --book          the id of one organization or person; default: all of them
  --json          one line of JSON per drift`;

/** What the command writes to, and the database it takes when none is named. */
export interface VerifyTerminal {
  /** Used when --database-url is not given. */
  databaseUrl?: string | undefined;
  write(line: string): void;
  /** Default: what the ledger alone can prove. A module above it adds what it keeps about postings. */
  verify?: Verify;
}

/** Runs the command line above. Returns the exit code: 0 sound, 1 drift, 2 wrong use. */
export async function verifyCommand(args: string[], terminal: VerifyTerminal): Promise<0 | 1 | 2> {
  const options = readOptions(args);
  const url = options?.["database-url"] ?? terminal.databaseUrl;
  if (!options || options.help || !url || (options.book !== undefined && !isUuid(options.book))) {
    terminal.write(USAGE);
    return options?.help ? 0 : 2;
  }
  const db = openDatabase({ url, maxConnections: 1, applicationName: "guildhall-verify", statementTimeoutMs: 0 });
  try {
    const drift = await (terminal.verify ?? verify)(db, options.book === undefined ? {} : { bookId: options.book });
    for (const one of drift) terminal.write(options.json ? toJson(one) : describe(one));
    if (!options.json) terminal.write(summarize(drift));
    return drift.length === 0 ? 0 : 1;
  } finally {
    await db.close();
  }
}

function readOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        "database-url": { type: "string" },
        book: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch {
    return undefined;
  }
}

function describe({ bookId, finding, account, subject, sequence, expected, found }: Drift): string {
  const place = [account, subject, sequence === null ? undefined : `posting ${sequence}`].filter(Boolean).join(", ");
  return `${bookId}  ${finding.replaceAll("_", " ")}${place && ` (${place})`}: expected ${expected}, found ${found}`;
}

function toJson(drift: Drift): string {
  return JSON.stringify(drift, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

function summarize(drift: Drift[]): string {
  if (drift.length === 0) return "The ledger is sound.";
  const books = new Set(drift.map((one) => one.bookId)).size;
  return `${drift.length} ${drift.length === 1 ? "finding" : "findings"} in ${books} ${books === 1 ? "book" : "books"}. Nothing was changed.`;
}

if (import.meta.main) {
  process.exitCode = await verifyCommand(process.argv.slice(2), {
    write: (line) => void process.stdout.write(`${line}\n`),
  });
}
