import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DataDirectoryInUseError, type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./index.ts";
import { prepareLocations } from "./locations.ts";
import { isAlive } from "./orphan.ts";
import { startPostmaster } from "./postmaster.ts";

const isRoot = process.getuid?.() === 0;
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function givenDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "guildhall-embedded-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts in this process; stopped after the test. */
async function start(options: EmbeddedPostgresOptions & { dataDir: string }) {
  const log: string[] = [];
  const running = await startEmbeddedPostgres({ durable: false, ...options, onNotice: (line) => log.push(line) });
  cleanups.push(() => running.stop());
  return { ...running, log };
}

async function query(url: string, text: string): Promise<postgres.RowList<postgres.Row[]>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

/** Starts in a child process, a process group of its own; its first line says how to reach Postgres. */
async function startInChild(dataDir: string, onSigint = "process.exit(1)") {
  const module = fileURLToPath(new URL("./index.ts", import.meta.url));
  const driver = createRequire(import.meta.url)
    .resolve("postgres")
    .replace("/cjs/", "/");
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(module)};
    import postgres from ${JSON.stringify(driver)};
    const running = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    process.on("SIGINT", async () => { ${onSigint} });
    console.log(JSON.stringify({ ownerUrl: running.ownerUrl, pid: running.pid }));`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  cleanups.push(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout });
  const [first] = await Promise.race([once(lines), gone(child)]);
  const reached = JSON.parse(first) as { ownerUrl: string; pid: number };
  cleanups.push(() => {
    child.kill("SIGKILL");
    return untilGone(reached.pid);
  });
  return { child, lines, ...reached };
}

function once(lines: ReturnType<typeof createInterface>): Promise<[string]> {
  return new Promise((resolve) => lines.once("line", (line) => resolve([line])));
}

function gone(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => child.once("exit", (code) => reject(new Error(`the child ended with ${code}`))));
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

function untilGone(pid: number): Promise<void> {
  return vi.waitFor(() => expect(isAlive(pid)).toBe(false), 30_000);
}

describe("the embedded Postgres", () => {
  test("keeps its data from one start to the next, under the same credentials", async () => {
    const dataDir = await givenDirectory();
    const first = await start({ dataDir });
    await query(first.ownerUrl, "CREATE TABLE kept AS SELECT 1 AS n");
    await first.stop();
    const second = await start({ dataDir });
    expect(await query(second.ownerUrl, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
    expect((await stat(join(dataDir, "credentials.json"))).mode & 0o777).toBe(0o600);
  });

  test("is durable, speaks Unicode, and listens on this machine only", async () => {
    const running = await start({ dataDir: await givenDirectory(), durable: true });
    const [row] = await query(
      running.ownerUrl,
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS sync,
              current_setting('listen_addresses') AS listen, current_setting('server_encoding') AS encoding,
              'ÉCOLE' ILIKE 'école' AS folds, current_setting('data_checksums') AS checksums`,
    );
    expect(row).toEqual({
      fsync: "on",
      sync: "on",
      listen: "127.0.0.1",
      encoding: "UTF8",
      folds: true,
      checksums: "on",
    });
  });

  test("gives the app a role that owns nothing and bypasses nothing", async () => {
    const running = await start({ dataDir: await givenDirectory() });
    const [role] = await query(
      running.appUrl,
      "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user",
    );
    const none = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };
    expect(role).toEqual({ rolname: "guildhall_app", ...none });
    await expect(query(running.appUrl, "CREATE TABLE mine (n int)")).rejects.toMatchObject({ code: "42501" });
    await expect(query(running.appUrl.replace(/:[^:@]+@/, ":wrong@"), "SELECT 1")).rejects.toMatchObject({
      code: "28P01",
    });
  });

  test("a port that is taken is a clear error, and the directory stays usable", async () => {
    const dataDir = await givenDirectory();
    const squatter = createServer().listen(0, "127.0.0.1");
    cleanups.push(() => squatter.close());
    await new Promise((resolve) => squatter.once("listening", resolve));
    const { port } = squatter.address() as { port: number };
    await expect(start({ dataDir, port })).rejects.toThrow(`port ${port} is taken`);
    expect(await query((await start({ dataDir })).appUrl, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  });

  test("credentials that are gone are a clear error", async () => {
    const dataDir = await givenDirectory();
    await (await start({ dataDir })).stop();
    await rm(join(dataDir, "credentials.json"));
    await expect(start({ dataDir })).rejects.toThrow("credentials.json is missing");
  });
});

describe("two servers", () => {
  test("on one directory: the second is refused and told who holds it", async () => {
    const dataDir = await givenDirectory();
    const { child } = await startInChild(dataDir);
    const refused = await start({ dataDir }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DataDirectoryInUseError);
    expect((refused as Error).message).toContain(`process ${child.pid}`);
  });

  test("starting at the same time: exactly one wins, and it works", async () => {
    const dataDir = await givenDirectory();
    const outcomes = await Promise.allSettled([start({ dataDir }), start({ dataDir }), start({ dataDir })]);
    const winners = outcomes.filter((outcome) => outcome.status === "fulfilled").map((outcome) => outcome.value);
    expect(winners).toHaveLength(1);
    expect(await query(winners[0]!.appUrl, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  });
});

describe("after kill -9 of the server", () => {
  test("nothing committed is lost, and Postgres does not outlive it", async () => {
    const dataDir = await givenDirectory();
    const { child, ownerUrl, pid } = await startInChild(dataDir);
    await query(ownerUrl, "CREATE TABLE kept AS SELECT 1 AS n");
    child.kill("SIGKILL");
    await ended(child);
    await untilGone(pid);
    const next = await start({ dataDir });
    expect(await query(next.ownerUrl, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
  });

  test("a Postgres still running on the data is stopped first, with its sessions", async () => {
    const dataDir = await givenDirectory();
    await (await start({ dataDir })).stop();
    const orphan = await startPostmaster(await prepareLocations(dataDir), { durable: true, onLog: () => {} });
    const next = await start({ dataDir });
    expect(next.log.join("\n")).toContain(`(process ${orphan.pid})`);
    await orphan.exited;
    expect(await query(next.appUrl, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  });

  test("a pid file that names somebody else's process by now does not stand in the way", async () => {
    const dataDir = await givenDirectory();
    const first = await start({ dataDir });
    const pidFile = join(first.dataDir, "cluster", "postmaster.pid");
    const left = await readFile(pidFile, "utf8");
    await first.stop();
    const stranger = spawn("sleep", ["60"], await postgresIdentity(dataDir));
    cleanups.push(() => stranger.kill());
    await writeFile(pidFile, left.replace(/^\d+/, String(stranger.pid)));
    const next = await start({ dataDir });
    expect(next.log.join("\n")).toContain("ignored a stale postmaster.pid");
    expect(await query(next.appUrl, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
    expect(stranger.exitCode).toBeNull();
  });

  test("a cluster that was being made is made anew", async () => {
    const dataDir = await givenDirectory();
    await mkdir(join(dataDir, "cluster.new-1"));
    await writeFile(join(dataDir, "cluster.new-1", "PG_VERSION"), "18\n");
    expect(await query((await start({ dataDir })).appUrl, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
    expect(existsSync(join(dataDir, "cluster.new-1"))).toBe(false);
  });
});

/** Postgres takes only processes of its own user for a rival. */
async function postgresIdentity(dataDir: string): Promise<{ uid?: number; gid?: number }> {
  const { user } = await prepareLocations(dataDir);
  return user ? { uid: user.uid, gid: user.gid } : {};
}

describe("Ctrl-C", () => {
  test("reaches the server only: Postgres answers until the server stops it", async () => {
    const dataDir = await givenDirectory();
    const { child, lines } = await startInChild(
      dataDir,
      `await new Promise((resolve) => setTimeout(resolve, 300));
       const sql = postgres(running.appUrl);
       const [row] = await sql\`SELECT 'alive' AS word\`;
       await sql.end();
       await running.stop();
       console.log(row.word);
       process.exit(0);`,
    );
    process.kill(-child.pid!, "SIGINT"); // As a terminal does: to the whole group.
    expect(await once(lines)).toEqual(["alive"]);
    await ended(child);
    expect(child.exitCode).toBe(0);
  });
});

describe.runIf(isRoot)("as root, below a home that nobody else may enter", () => {
  async function givenPrivateHome(): Promise<string> {
    const home = await givenDirectory();
    await chmod(home, 0o700);
    return join(home, "checkout", ".data", "postgres");
  }

  test("data moves to where Postgres can reach it, is found again, and the log says so", async () => {
    const dataDir = await givenPrivateHome();
    const first = await start({ dataDir });
    cleanups.push(() => rm(first.dataDir, { recursive: true, force: true }));
    expect(first.dataDir).toMatch(/^\/var\/lib\/guildhall\//);
    expect(first.log.join("\n")).toContain(first.dataDir);
    await query(first.ownerUrl, "CREATE TABLE kept AS SELECT 1 AS n");
    await first.stop();
    const second = await start({ dataDir });
    expect(await query(second.ownerUrl, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
    await second.stop();
  });

  test("removing the wanted directory begins anew, as another checkout at the same path does", async () => {
    const dataDir = await givenPrivateHome();
    const first = await prepareLocations(dataDir);
    cleanups.push(() => rm(first.dataDir, { recursive: true, force: true }));
    expect((await prepareLocations(dataDir)).dataDir).toBe(first.dataDir);
    await rm(dataDir, { recursive: true });
    const second = await prepareLocations(dataDir);
    cleanups.push(() => rm(second.dataDir, { recursive: true, force: true }));
    expect(second.dataDir).not.toBe(first.dataDir);
  });

  test("a strict umask keeps nobody out", async () => {
    const umask = process.umask(0o077);
    cleanups.push(() => process.umask(umask));
    const dir = await givenDirectory();
    await chmod(dir, 0o755);
    const running = await start({ dataDir: join(dir, "a", "b") });
    expect(running.dataDir).toBe(join(dir, "a", "b"));
  });

  test("a cluster made as an ordinary user is run as that user", async () => {
    const dataDir = await givenDirectory();
    await mkdir(join(dataDir, "cluster"));
    await chown(join(dataDir, "cluster"), 4321, 4321);
    expect((await prepareLocations(dataDir)).user).toEqual({ name: "number 4321", uid: 4321, gid: 4321 });
  });
});
