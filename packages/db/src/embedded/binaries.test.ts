import { lstat, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { restoreSymlinks } from "./binaries.ts";

test("libraries are found where npm may not run install scripts, and links that exist are left alone", async () => {
  const dir = await mkdtemp(join(tmpdir(), "guildhall-binaries-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const native = join(dir, "native");
  await mkdir(join(native, "lib"), { recursive: true });
  await writeFile(join(native, "lib", "libz.so.1.2"), "library");
  const links = ["libz.so", "libz.so.1"].map((name) => ({
    source: "native/lib/libz.so.1.2",
    target: `native/lib/${name}`,
  }));
  await writeFile(join(native, "pg-symlinks.json"), JSON.stringify(links));
  await restoreSymlinks(native);
  await restoreSymlinks(native);
  expect((await lstat(join(native, "lib", "libz.so.1"))).isSymbolicLink()).toBe(true);
  expect(await readFile(join(native, "lib", "libz.so"), "utf8")).toBe("library");
});
