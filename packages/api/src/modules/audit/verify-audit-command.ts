import { parseArgs } from "node:util";
import { openDatabase } from "@guildhall/db";
import { isUuid } from "@guildhall/shared";
import { type AuditBreak, type AuditExtent, hasHash, verifyAudit } from "./verify-audit.ts";

const USAGE = `Proves the audit logs: no entry was changed, left out, moved or cut off. It changes nothing, and ends with 1 when
something is wrong.

  npm run verify-audit -- [--chain ID] [--expect SEQUENCE:HASH] [--database-url URL] [--json]

  --chain         the id of one organization or person; default: all of them
  --expect        an entry of that chain and its hash, as they were written down before: proves that the chain up to
                  there was not written anew as a whole
  --database-url  the database (postgres://…); the app's role is enough. Default: the portal's own
  --json          one line of JSON per finding`;

/** What the command writes to, and the database it takes when none is named. */
export interface VerifyAuditTerminal {
  databaseUrl?: string | undefined;
  write(line: string): void;
}

/** Runs the command line above. Returns the exit code: 0 whole, 1 broken, 2 wrong use. */
export async function verifyAuditCommand(args: string[], terminal: VerifyAuditTerminal): Promise<0 | 1 | 2> {
  const options = readOptions(args);
  const url = options?.databaseUrl ?? terminal.databaseUrl;
  if (!options || options.help || !url) {
    terminal.write(USAGE);
    return options?.help ? 0 : 2;
  }
  const db = openDatabase({ url, maxConnections: 1, applicationName: "guildhall-verify", statementTimeoutMs: 0 });
  try {
    const { chain, expect, json } = options;
    const { breaks, extent } = await verifyAudit(db, chain);
    const isAsExpected = !chain || !expect || (await hasHash(db, { scopeId: chain, ...expect }));
    for (const one of breaks) terminal.write(json ? toJson(one) : describe(one));
    if (!isAsExpected) terminal.write(json ? toJson({ ...expect, finding: "rewritten" }) : describeRewritten(expect));
    if (!json) terminal.write(summarize(breaks, extent));
    return breaks.length === 0 && isAsExpected ? 0 : 1;
  } finally {
    await db.close();
  }
}

function readOptions(args: string[]) {
  const given = parse(args);
  if (!given) return undefined;
  const { chain, expect, help = false, json = false, "database-url": databaseUrl } = given;
  const [, sequence, hash] = /^(\d{1,18}):([0-9a-f]{64})$/.exec(expect ?? "") ?? [];
  const isReadable = (chain === undefined || isUuid(chain)) && (expect === undefined || (hash && chain));
  if (!isReadable) return undefined;
  const expected = sequence && hash ? { sequence: BigInt(sequence), hash } : undefined;
  return { chain, expect: expected, help, json, databaseUrl };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        "database-url": { type: "string" },
        chain: { type: "string" },
        expect: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch {
    return undefined;
  }
}

const FINDINGS: Record<AuditBreak["finding"], (sequence: bigint) => string> = {
  changed: (sequence) => `entry ${sequence} was changed: it does not have the hash that stands in it`,
  missing: (sequence) => `entry ${sequence} is missing`,
  out_of_order: (sequence) =>
    `entry ${sequence} does not follow the one before it: moved, or one of the two written anew`,
  truncated: (sequence) => `the chain was cut off: entry ${sequence} and what followed are missing`,
  beyond_head: (sequence) => `entry ${sequence} stands behind the chain's recorded end`,
  head_changed: (sequence) => `the chain's recorded end was changed: it names another hash than entry ${sequence}`,
  headless: () => "the chain's recorded end is missing",
  unrecorded: () => "it has no chain at all, though it was made since there is an audit log",
};

function describe({ scope, scopeId, sequence, finding }: AuditBreak): string {
  return `${scope} ${scopeId}: ${FINDINGS[finding](sequence)}`;
}

function describeRewritten(expected: { sequence: bigint } | undefined): string {
  return `Entry ${expected?.sequence} has another hash than the one that was written down: the chain was written anew.`;
}

function toJson(finding: object): string {
  return JSON.stringify(finding, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

function summarize(breaks: AuditBreak[], { chains, entries, hash }: AuditExtent): string {
  const extent = `${entries} ${entries === 1n ? "entry" : "entries"} in ${chains} ${chains === 1n ? "chain" : "chains"}`;
  if (breaks.length > 0)
    return `${extent}: ${breaks.length} broken. Only the first break of each is named. Nothing was changed.`;
  const end = hash ? ` It ends with --expect ${entries}:${hash}` : "";
  return `The audit logs are whole: ${extent}.${end}`;
}
