import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "./browser-test.ts";
import { REPOSITORY } from "./portal.ts";

const isServed = (url: string) =>
  fetch(`${url}/healthz`).then(
    (answer) => answer.ok,
    () => false,
  );

test("a portal under test ends when its tester is killed, so that no run leaves a server behind", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "guildhall-killed-"));
  const script = `
    const { startPortal } = await import(${JSON.stringify(join(import.meta.dirname, "portal.ts"))});
    const portal = await startPortal({ dataDir: ${JSON.stringify(dataDir)}, env: { DEMO: "false" } });
    console.log(portal.url);
    setInterval(() => undefined, 1_000);`;
  const tester = spawn(join(REPOSITORY, "node_modules", ".bin", "node"), ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = await once(tester.stdout, "data");
  const url = String(printed).trim();
  expect(await isServed(url)).toBe(true);
  tester.kill("SIGKILL");
  await eventually(() => isServed(url)).toBe(false);
  // Postgres is stopped last; while it runs it holds this file.
  await eventually(() => existsSync(join(dataDir, "postgres", "postmaster.pid"))).toBe(false);
  await rm(dataDir, { recursive: true, force: true });
});
