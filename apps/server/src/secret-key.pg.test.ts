import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSealer } from "@guildhall/auth";
import { pgTest } from "@guildhall/db/testing";
import { systemClock } from "@guildhall/shared";
import { expect, onTestFinished, test } from "vitest";
import { assertOwnKey, openSealer } from "./secret-key.ts";

async function givenFile() {
  const folder = await mkdtemp(join(tmpdir(), "guildhall-key-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "data", "secret-key");
}

test("without a configured key one is made, for its owner's eyes only, and kept", async () => {
  const file = await givenFile();
  const [first, second] = await Promise.all([1, 2].map(() => openSealer({ configured: [], file })));
  const sealed = first?.seal("test", "hidden") ?? "";
  expect(second?.open("test", sealed)).toBe("hidden");
  expect((await openSealer({ configured: [], file })).open("test", sealed)).toBe("hidden");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).toMatch(/^[\w+/]{43}=\n$/);
});

test("a configured key counts, and no file is made; a broken file is refused", async () => {
  const [file, key] = [await givenFile(), randomBytes(32)];
  const sealer = await openSealer({ configured: [key], file });
  expect(createSealer([key]).open("test", sealer.seal("test", "hidden"))).toBe("hidden");
  await expect(stat(file)).rejects.toThrow("ENOENT");
  await openSealer({ configured: [], file });
  await writeFile(file, "short");
  await expect(openSealer({ configured: [], file })).rejects.toThrow("does not hold a key");
});

pgTest("a server with another key than the database's is refused, unless it brings the old one too", async ({ db }) => {
  const [old, other] = [randomBytes(32), randomBytes(32)];
  await assertOwnKey(db, createSealer([old]), systemClock);
  await assertOwnKey(db, createSealer([old]), systemClock);
  await expect(assertOwnKey(db, createSealer([other]), systemClock)).rejects.toThrow("another SECRET_KEY");
  await assertOwnKey(db, createSealer([other, old]), systemClock);
  await assertOwnKey(db, createSealer([other]), systemClock);
});
