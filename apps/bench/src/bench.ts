import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, migrate, openDatabase } from "@guildhall/db";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@guildhall/db/embedded";
import type { BenchOptions } from "./options.ts";

/** What figures have in hand: one durable Postgres for all of them, and the size of this run. */
export interface Bench {
  options: BenchOptions;
  /** A fresh, migrated database on the one server. */
  createDatabase(): Promise<BenchDatabase>;
  /** Runs a measurement once, however many figures read from it. */
  once<T>(name: string, measure: () => Promise<T>): Promise<T>;
  /** Something to stop at the end; the last one first. */
  onEnd(stop: () => Promise<unknown>): void;
  /** The full amount, or the small one with --quick. */
  size(full: number, quick: number): number;
  /** Tells on stderr what goes on. */
  say(line: string): void;
  /** Receives the lines of Postgres's log, until the returned function is called. */
  listenToPostgres(hear: (line: string) => void): () => void;
}

export interface BenchDatabase {
  appUrl: string;
  ownerUrl: string;
  superuserUrl: string;
  /** A pool as the server has it. Closed at the end. */
  app(maxConnections?: number): Database;
  /** A pool without walls, for peers and for looking at everything. Closed at the end. */
  superuser(maxConnections?: number): Database;
}

/** Connections of a pool, unless a figure says otherwise: the server's default. */
export const POOL_CONNECTIONS = 20;

/** Starts Postgres with everything durable in a directory of its own. Call `end`, whatever happens. */
export async function startBench(
  options: BenchOptions,
  say: (line: string) => void,
): Promise<{ bench: Bench; end(): Promise<void> }> {
  const stops: (() => Promise<unknown>)[] = [];
  const end = async () => {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop().catch((error) => say(String(error)));
  };
  const listeners = new Set<(line: string) => void>();
  try {
    const dataDir = await mkdtemp(join(tmpdir(), "guildhall-bench-"));
    stops.push(() => rm(dataDir, { recursive: true, force: true }));
    const onLog = (line: string) => listeners.forEach((hear) => void hear(line));
    const postgres = await startEmbeddedPostgres({ dataDir, durable: true, onLog });
    stops.push(() => rm(postgres.dataDir, { recursive: true, force: true }), postgres.stop);
    await migrate(postgres.ownerUrl);
    const once = remember();
    const bench: Bench = {
      options,
      createDatabase: createDatabases(postgres, (stop) => stops.push(stop)),
      once,
      onEnd: (stop) => void stops.push(stop),
      size: (full, quick) => (options.isQuick ? quick : full),
      say,
      listenToPostgres(hear) {
        listeners.add(hear);
        return () => void listeners.delete(hear);
      },
    };
    return { bench, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function remember(): Bench["once"] {
  const measured = new Map<string, Promise<unknown>>();
  return <T>(name: string, measure: () => Promise<T>) => {
    const known = measured.get(name) ?? measure();
    measured.set(name, known);
    return known as Promise<T>;
  };
}

function createDatabases(postgres: EmbeddedPostgres, onEnd: (stop: () => Promise<unknown>) => void) {
  const [template = ""] = new URL(postgres.ownerUrl).pathname.split("/").slice(1);
  let count = 0;
  return async function createDatabase(): Promise<BenchDatabase> {
    count += 1;
    const name = `bench_${count}`;
    const admin = openDatabase({ url: postgres.superuserUrl, maxConnections: 1 });
    await admin.sql`CREATE DATABASE ${admin.sql(name)} TEMPLATE ${admin.sql(template)} OWNER guildhall_owner`;
    await admin.close();
    const [appUrl, ownerUrl, superuserUrl] = [postgres.appUrl, postgres.ownerUrl, postgres.superuserUrl].map(
      (url) => Object.assign(new URL(url), { pathname: `/${name}` }).href,
    ) as [string, string, string];
    const open = (url: string, options: { maxConnections: number; statementTimeoutMs?: number }) => {
      const db = openDatabase({ url, applicationName: "guildhall-bench", ...options });
      onEnd(() => db.close());
      return db;
    };
    return {
      appUrl,
      ownerUrl,
      superuserUrl,
      app: (maxConnections = POOL_CONNECTIONS) => open(appUrl, { maxConnections }),
      superuser: (maxConnections = 2) => open(superuserUrl, { maxConnections, statementTimeoutMs: 0 }),
    };
  };
}
