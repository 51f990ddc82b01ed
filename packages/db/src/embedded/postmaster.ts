import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresEnvironment } from "./cluster.ts";
import type { Locations } from "./locations.ts";
import { stopPostmaster } from "./orphan.ts";

const START_ATTEMPTS = 5;
const RETRY_AFTER_MS = 300;
const REMEMBERED_LINES = 40;

/** How to run the postmaster. */
export type PostmasterOptions = {
  /** TCP port on 127.0.0.1; a free one when missing. */
  port?: number | undefined;
  /** False trades safety after a power cut for speed: tests only. */
  durable: boolean;
  onLog(line: string): void;
};

/** A running Postgres. */
export type Postmaster = {
  pid: number;
  port: number;
  /** Resolves when the process has ended, for whatever reason. */
  exited: Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts Postgres and waits until it accepts connections. A port taken between choosing and binding it is chosen anew;
 * backends of a killed postmaster that are still letting go of their shared memory are waited for.
 */
export async function startPostmaster(locations: Locations, options: PostmasterOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const child = spawnPostgres(locations, port, options.durable);
    const outcome = await waitUntilReady(child, options.onLog);
    if (outcome.ready) return supervise(child, port);
    const portTaken = outcome.output.includes("could not bind") && options.port === undefined;
    const memoryInUse = outcome.output.includes("pre-existing shared memory block");
    if (attempt === START_ATTEMPTS || !(portTaken || memoryInUse)) throw startError(port, outcome.output);
    await sleep(RETRY_AFTER_MS * attempt);
  }
}

function startError(port: number, output: string): Error {
  const taken = output.includes("Address already in use") ? `: port ${port} is taken` : "";
  return new Error(`Postgres did not start${taken}.\n${output}`);
}

function spawnPostgres(locations: Locations, port: number, durable: boolean): ChildProcess {
  const { binDir, clusterDir, dataDir, user } = locations;
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  const settings = Object.entries(serverSettings(port, durable)).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  // Detached: a process group of its own, so that Ctrl-C reaches the server only, which stops Postgres last.
  return spawn(join(binDir, "postgres"), ["-D", clusterDir, ...settings], {
    ...identity,
    cwd: dataDir,
    env: postgresEnvironment,
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
}

function serverSettings(port: number, durable: boolean): Record<string, string | number> {
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: "128MB",
    max_wal_size: "1GB",
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "",
    jit: "off", // Compiling pays for long analytical queries only; ours are short.
  };
  if (durable) return { ...settings, fsync: "on", synchronous_commit: "on", full_page_writes: "on" };
  return { ...settings, fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" };
}

type Outcome = { ready: true } | { ready: false; output: string };

function waitUntilReady(child: ChildProcess, onLog: (line: string) => void): Promise<Outcome> {
  const lastLines: string[] = [];
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      onLog(line);
      lastLines.push(line);
      if (lastLines.length > REMEMBERED_LINES) lastLines.shift();
      if (line.includes("database system is ready to accept connections")) resolve({ ready: true });
    });
    child.once("error", (error) => reject(new Error("The Postgres binary could not be run.", { cause: error })));
    child.once("close", () => resolve({ ready: false, output: lastLines.join("\n") }));
  });
}

function supervise(child: ChildProcess, port: number): Postmaster {
  const pid = child.pid as number;
  const exited = new Promise<void>((resolve) => {
    if (hasExited(child)) resolve();
    child.once("exit", () => resolve());
  });
  const watchdog = stopWhenWeDie(pid);
  void exited.then(() => watchdog.kill("SIGKILL"));
  return {
    pid,
    port,
    exited,
    async stop() {
      if (!hasExited(child)) await stopPostmaster(pid);
      await exited;
    },
  };
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/**
 * A process can no longer clean up after kill -9. So a shell waits on a pipe that we hold open, which the kernel closes
 * when we are gone for whatever reason, and then lets Postgres finish in order. Should it be killed, too, the next start
 * recovers. It does not keep us alive, and our Ctrl-C does not reach it.
 */
function stopWhenWeDie(pid: number): ChildProcess {
  const watchdog = spawn(
    "/bin/sh",
    ["-c", 'read -r line; kill -INT "$1"', "guildhall-postgres-watchdog", String(pid)],
    {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      cwd: "/",
      env: postgresEnvironment,
    },
  );
  watchdog.unref();
  (watchdog.stdin as Socket).unref();
  watchdog.on("error", () => {}); // Without a shell there is no watchdog; the next start recovers all the same.
  return watchdog;
}

/** Any TCP port of 127.0.0.1 that is free now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
