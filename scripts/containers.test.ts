import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { environmentSchema, readEnvironment } from "../apps/server/src/env.ts";

const HOUSE = resolve(import.meta.dirname, "..");
const read = (path: string) => readFile(join(HOUSE, path), "utf8");
const optionNames = Object.keys(environmentSchema.shape);

/** The `environment` mapping of one service of docker/compose.yml, as written. */
async function composeEnvironment(service: string): Promise<Record<string, string>> {
  const compose = await read("docker/compose.yml");
  const block = new RegExp(`^  ${service}:\\n(?:    .*\\n|\\n)*?    environment:\\n((?:      .*\\n)+)`, "m").exec(
    compose,
  )?.[1];
  if (!block) throw new Error(`docker/compose.yml has no environment for ${service}`);
  const entries = block
    .trimEnd()
    .split("\n")
    .map((line) => /^ {6}([A-Z_]+): "?(.*?)"?$/.exec(line) ?? [line, line, ""]);
  return Object.fromEntries(entries.map(([, name = "", value = ""]) => [name, value]));
}

/** What compose makes of `${NAME:-default}` and `${NAME:?message}` when only the required ones are set. */
const interpolate = (value: string) =>
  value
    .replaceAll(/\$\{[A-Z_]+_KEY:\?[^}]*\}/g, Buffer.alloc(32, 1).toString("base64"))
    .replaceAll(/\$\{[A-Z_]+:\?[^}]*\}/g, "0123abcd")
    .replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, "$1");

/** The values of `ENV` lines in the image. */
async function imageEnvironment(): Promise<Record<string, string>> {
  const lines = (await read("docker/Dockerfile")).split("\n").filter((line) => line.startsWith("ENV "));
  const pairs = lines.flatMap((line) => line.slice(4).split(" ")).map((pair) => pair.split("=") as [string, string]);
  return Object.fromEntries(pairs);
}

describe("docker/compose.yml", () => {
  test("sets only options that env.ts knows", async () => {
    const unknown = Object.keys(await composeEnvironment("portal")).filter((name) => !optionNames.includes(name));
    expect(unknown).toEqual([]);
  });

  test("is a configuration that the server accepts, with a database of its own and open to the container's network", async () => {
    const portal = await composeEnvironment("portal");
    const set = Object.fromEntries(Object.entries(portal).map(([name, value]) => [name, interpolate(value)]));
    expect(readEnvironment({ ...(await imageEnvironment()), ...set })).toMatchObject({
      HOST: "0.0.0.0",
      PORT: 3000,
      NODE_ENV: "production",
      DEMO: false,
      DATABASE_URL: "postgres://guildhall_app:0123abcd@postgres:5432/guildhall",
      DATABASE_OWNER_URL: "postgres://guildhall_owner:0123abcd@postgres:5432/guildhall",
    });
  });

  test("has no password and no key with a default, and none that two roles share", async () => {
    const text = await read("docker/compose.yml");
    expect(text.match(/(PASSWORD|KEY):-/g)).toBeNull();
    const postgres = await composeEnvironment("postgres");
    const passwords = Object.entries(postgres)
      .filter(([name]) => name.endsWith("PASSWORD"))
      .map(([, value]) => value);
    expect(passwords).toHaveLength(3);
    expect(new Set(passwords).size).toBe(3);
  });

  test("makes the roles from the same SQL as the embedded Postgres, under the names the URLs use", async () => {
    expect(await read("docker/compose.yml")).toContain(
      "../packages/db/src/bootstrap-roles.sql:/guildhall/bootstrap-roles.sql:ro",
    );
    const roles = await read("packages/db/src/bootstrap-roles.sql");
    for (const role of ["guildhall_app", "guildhall_owner"]) {
      expect(roles).toContain(`ALTER ROLE ${role} LOGIN`);
      expect(await read("docker/create-roles.sh")).toContain(`ALTER ROLE ${role} PASSWORD`);
    }
  });
});

describe("docker/Dockerfile", () => {
  test("sets only options that env.ts knows", async () => {
    expect(Object.keys(await imageEnvironment()).filter((name) => !optionNames.includes(name))).toEqual([]);
  });

  test("copies the manifest of every workspace, or npm ci would not see its dependencies", async () => {
    const dockerfile = await read("docker/Dockerfile");
    for (const group of ["apps", "packages"]) {
      const entries = await readdir(join(HOUSE, group), { withFileTypes: true });
      const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${group}/${name}`);
      const missing = folders.filter((folder) => !dockerfile.includes(`COPY ${folder}/package.json ${folder}/\n`));
      expect(missing).toEqual([]);
    }
  });

  test("runs the same major version of Node as the house", async () => {
    const { devDependencies } = JSON.parse(await read("package.json")) as { devDependencies: { node: string } };
    const images = (await read("docker/Dockerfile")).match(/^FROM node:\S+/gm) ?? [];
    expect(new Set(images)).toEqual(new Set([`FROM node:${devDependencies.node.split(".")[0]}-slim`]));
  });

  test("starts the server as an ordinary user", async () => {
    const dockerfile = await read("docker/Dockerfile");
    const final = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
    expect(final).toContain("\nUSER node\n");
    expect(final).toContain('\nCMD ["node", "apps/server/src/main.ts"]\n');
  });
});
