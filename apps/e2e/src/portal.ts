import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The root of the checkout. */
export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

/** A started portal: the real server as a process of its own, with an embedded Postgres of its own. */
export interface Portal {
  /** Where it is served; stays the same over restarts, so that open pages find it again. */
  url: string;
  dataDir: string;
  /** What the server wrote so far, one entry per line. */
  logs: readonly string[];
  /** Stops gracefully (SIGTERM) and waits for the end. The data stays. Fails when the server does not end by itself. */
  stop(): Promise<void>;
  /** Kills the server without warning, as a power cut would; its Postgres is left behind for the next start to deal with. */
  kill9(): Promise<void>;
  /** Starts again on the same address and data, stopping first if it runs. */
  restart(): Promise<void>;
  /** Stops and deletes the data, if `startPortal` made the folder. */
  remove(): Promise<void>;
}

/** How the server is started. */
export interface PortalOptions {
  /** Configuration beside PORT, DATA_DIR, NODE_ENV and the form of the log. */
  env?: Record<string, string>;
  /** Where its database lives; a new temporary folder unless told. */
  dataDir?: string;
}

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 60_000;
const KEPT_LOG_LINES = 5_000;

/** Starts a portal and waits until /readyz says yes. Ends by itself when this process dies. */
export async function startPortal(options: PortalOptions = {}): Promise<Portal> {
  const dataDir = options.dataDir ?? (await makeDataDirectory());
  const port = await freePort();
  const logs: string[] = [];
  // Its address is read from the log.
  const env = { ...options.env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: "info", LOG_FORMAT: "json" };
  let server = await startServer(env, logs);
  const stop = () => stopServer(server.child, logs);
  return {
    url: server.url,
    dataDir,
    logs,
    stop,
    async kill9() {
      const ended = once(server.child, "exit");
      server.child.kill("SIGKILL");
      await ended;
    },
    async restart() {
      await stop();
      server = await startServer(env, logs);
    },
    async remove() {
      // After kill9 only a server knows how to end the Postgres that was left behind.
      if (server.child.signalCode === "SIGKILL") server = await startServer(env, logs);
      await stop();
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** As root, Postgres runs as another user, who must be able to pass through; a temporary folder is private by default. */
async function makeDataDirectory(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "guildhall-portal-"));
  await chmod(folder, 0o711);
  return folder;
}

interface RunningServer {
  child: ChildProcess;
  url: string;
}

async function startServer(env: Record<string, string>, logs: string[]): Promise<RunningServer> {
  const child = spawn(
    join(REPOSITORY, "node_modules", ".bin", "node"),
    ["--import", pathToFileURL(join(import.meta.dirname, "end-with-parent.ts")).href, "apps/server/src/main.ts"],
    { cwd: REPOSITORY, env: { ...inheritedEnvironment(), NODE_ENV: "production", ...env }, stdio: "pipe" },
  );
  child.stdin?.on("error", () => undefined);
  const from = logs.length;
  try {
    const url = await untilListening(child, logs);
    await untilReady(url, child);
    return { child, url };
  } catch (cause) {
    child.kill("SIGKILL");
    throw new Error(`The portal did not start.\n${logs.slice(from).slice(-40).join("\n")}`, { cause });
  }
}

/** The machine's settings, without those that would point the server at somebody's real database or another address. */
function inheritedEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "", TMPDIR, LANG } = process.env;
  return { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ...(LANG ? { LANG } : {}) };
}

function untilListening(child: ChildProcess, logs: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not listening after ${START_TIMEOUT_MS} ms`)), START_TIMEOUT_MS);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        logs.push(line);
        if (logs.length > KEPT_LOG_LINES) logs.shift();
        const url = listeningUrl(line);
        if (url) settle(() => resolve(url));
      });
    }
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code, signal) => settle(() => reject(new Error(`ended with ${code ?? signal}`))));
  });
}

/** The address in the server's log line `{"msg":"listening","url":"…"}`, if this is that line. */
function listeningUrl(line: string): string | undefined {
  if (!line.includes('"listening"')) return undefined;
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== "object" || !entry || !("msg" in entry) || entry.msg !== "listening") return undefined;
  return "url" in entry && typeof entry.url === "string" ? entry.url.replace(/\/$/, "") : undefined;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    if (hasEnded(child)) throw new Error("ended before it was ready");
    if (Date.now() > deadline) throw new Error(`/readyz answers ${answer?.status ?? "nothing"}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stopServer(child: ChildProcess, logs: readonly string[]): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
  if (child.signalCode === "SIGKILL") {
    throw new Error(`The portal was still running ${STOP_TIMEOUT_MS} ms after SIGTERM.\n${logs.slice(-20).join("\n")}`);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/**
 * A port that was free a moment ago. Not 0: a restarted portal must come back where the open pages look for it. Below those that
 * systems give to outgoing connections, of which there are hundreds while a portal is down.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((answer) => {
      probe.once("error", () => answer(false));
      probe.listen(port, "127.0.0.1", () => answer(true));
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}
