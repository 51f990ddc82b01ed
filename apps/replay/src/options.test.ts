import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isUuid, newId } from "@guildhall/shared";
import { expect, onTestFinished, test } from "vitest";
import { findApiKey } from "./find-api-key.ts";
import { parseOptions, type ReplayOptions } from "./options.ts";

const parse = (...args: string[]) => parseOptions(["trace.csv", ...args], {}) as ReplayOptions;

test("a file alone is sent as fast as answered, to the portal of this machine", () => {
  expect(parse()).toMatchObject({
    file: "trace.csv",
    speed: Number.POSITIVE_INFINITY,
    concurrency: 64,
    bulk: 1,
    url: "http://localhost:3000",
    limit: Number.POSITIVE_INFINITY,
    members: [],
  });
  expect(isUuid(parse().runId)).toBe(true);
});

test("options are read, the environment fills in for what is left out", () => {
  expect(parse("--speed", "60x", "--limit", "5", "--member", "a@x", "--member", "b@x")).toMatchObject({
    speed: 60,
    limit: 5,
    members: ["a@x", "b@x"],
  });
  const environment = { PORT: "4000", GUILDHALL_API_KEY: "gh_env" };
  expect(parseOptions(["f"], environment)).toMatchObject({ url: "http://localhost:4000", key: "gh_env" });
  expect(parseOptions(["f", "--url", "https://x.example/", "--key", "gh_arg"], environment)).toMatchObject({
    url: "https://x.example",
    key: "gh_arg",
  });
  const run = newId();
  expect(parse("--run", run.toUpperCase()).runId).toBe(run);
  expect(parseOptions(["--help"], {})).toBe("help");
});

test.each([
  [["--speed", "0"], "--speed"],
  [["--speed", "fast"], "--speed"],
  [["--speed="], "--speed"],
  [["--concurrency", "0"], "--concurrency"],
  [["--concurrency", "1.5"], "--concurrency"],
  [["--bulk", "1001"], "--bulk"],
  [["--limit", "-1"], "--limit"],
  [["--url", "ftp://x"], "--url"],
  [["--run", "mine"], "--run"],
  [["--sped", "1"], "--sped"],
  [["second.csv"], "second.csv"],
])("%j is refused and named", (args, named) => {
  expect(() => parse(...args)).toThrow(named);
});

test("without a file nothing can be replayed", () => {
  expect(() => parseOptions([], {})).toThrow("Name the trace");
});

test("the key is the one given, else the demo's of the organization, with the members it names", async () => {
  const dir = await mkdtemp(join(tmpdir(), "guildhall-keys-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const file = join(dir, "keys.json");
  await writeFile(file, JSON.stringify({ plain: "gh_1", full: { key: "gh_2", members: ["ada@x", 7] }, bad: {} }));
  const find = (...args: string[]) => findApiKey(parse("--keys", file, ...args));
  expect(await find("--key", "gh_0", "--organization", "plain")).toEqual({ key: "gh_0", members: [] });
  expect(await find("--organization", "plain")).toEqual({ key: "gh_1", members: [] });
  expect(await find("--organization", "full")).toEqual({ key: "gh_2", members: ["ada@x"] });
  expect(await find("--organization", "full", "--member", "bob@x")).toEqual({ key: "gh_2", members: ["bob@x"] });
  await expect(find("--organization", "bad")).rejects.toThrow('no key of "bad"');
  await expect(find()).rejects.toThrow("Say who pays");
  await expect(findApiKey(parse("--keys", join(dir, "none"), "--organization", "x"))).rejects.toThrow("npm start");
});
