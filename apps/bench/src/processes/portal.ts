import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchDatabase } from "../bench.ts";
import { Unavailable } from "../figure.ts";
import { ended } from "./worker.ts";

const SERVER = resolve(import.meta.dirname, "../../../server/src/main.ts");
const STARTING_MS = 60_000;

/** The product's own server, as `npm start` runs it, in a process of its own. */
export interface PortalProcess {
  pid: number;
  port: number;
  /** Makes it collect garbage, so that what its memory holds is in use. */
  collectGarbage(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the server on a database. It trusts one proxy, so that watchers can come from as many addresses as people would.
 * @throws Unavailable when the pages are not built
 */
export async function startPortal(bench: Bench, database: BenchDatabase): Promise<PortalProcess> {
  const [port, dataDir] = [await freePort(), await mkdtemp(join(tmpdir(), "guildhall-bench-portal-"))];
  const child = spawn(process.execPath, ["--inspect=127.0.0.1:0", SERVER], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true, // Ctrl-C is ours to handle.
    env: {
      ...process.env,
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      PORT: String(port),
      PUBLIC_URL: `http://localhost:${port}`,
      TRUSTED_PROXIES: "1",
      DATA_DIR: dataDir,
      DEMO: "false",
      LOG_FORMAT: "json",
      DATABASE_URL: database.appUrl,
      DATABASE_OWNER_URL: database.ownerUrl,
    },
  });
  const stop = async () => {
    await ended(child, () => child.kill("SIGTERM"));
    await rm(dataDir, { recursive: true, force: true });
  };
  bench.onEnd(stop);
  const inspectorUrl = readInspectorUrl(child);
  await untilReady(child, port);
  return { pid: child.pid as number, port, stop, collectGarbage: () => collectGarbage(inspectorUrl) };
}

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  const deadlineMs = performance.now() + STARTING_MS;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) {
      throw new Unavailable("The server did not start. Are the pages built? Run `npm run build` first.");
    }
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`The server was not ready after ${STARTING_MS / 1_000} s.`);
}

function readInspectorUrl(child: ChildProcess): Promise<string> {
  return new Promise((found) => {
    const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      const url = /ws:\/\/\S+/.exec(line)?.[0];
      if (url) found(url);
    });
  });
}

/** Twice: the first collection runs finalizers, the second takes what they let go of. */
async function collectGarbage(inspectorUrl: Promise<string>): Promise<void> {
  const socket = new WebSocket(await inspectorUrl);
  const heard = (type: "open" | "message") =>
    new Promise((done) => socket.addEventListener(type, done, { once: true }));
  await heard("open");
  for (const id of [1, 2]) {
    const answered = heard("message");
    socket.send(JSON.stringify({ id, method: "HeapProfiler.collectGarbage" }));
    await answered;
  }
  socket.close();
}

/** Any TCP port of 127.0.0.1 that is free now. */
function freePort(): Promise<number> {
  return new Promise((found, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? found(address.port) : reject(new Error("no port"))));
    });
  });
}
