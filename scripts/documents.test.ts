import { existsSync } from "node:fs";
import { glob, readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { configurationTable, DOCUMENTS, withTable } from "./configuration-table.ts";
import { API_DOCUMENT, DOCUMENT, permissionsDocument, withScopes } from "./permissions-table.ts";

const HOUSE = resolve(import.meta.dirname, "..");
const read = (path: string) => readFile(join(HOUSE, path), "utf8");

async function documents(): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(["*.md", "docs/**/*.md"], { cwd: HOUSE })) paths.push(path);
  return paths.sort();
}

describe("the documents", () => {
  test.each(DOCUMENTS)("%s says what env.ts says: else run node scripts/configuration-table.ts", async (path) => {
    const document = await read(path);
    expect(withTable(document, configurationTable())).toBe(document);
  });

  test("a table that lacks a variable is noticed", async () => {
    const document = await read("README.md");
    const without = document.replace(/^\| `PORT`.*\n/m, "");
    expect(withTable(without, configurationTable())).toBe(document);
    expect(without).not.toBe(document);
  });

  test("docs/permissions.md is the table of permissions: else run node scripts/permissions-table.ts", async () => {
    expect(await read(DOCUMENT)).toBe(permissionsDocument());
  });

  test("docs/api.md lists the scopes of API keys: else run node scripts/permissions-table.ts", async () => {
    const document = await read(API_DOCUMENT);
    expect(withScopes(document)).toBe(document);
    expect(document).toContain("| `usage:write` |");
  });

  test("every relative link leads to a file", async () => {
    const dead: string[] = [];
    for (const path of await documents()) {
      const targets = [...(await read(path)).matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, target = ""]) => target);
      dead.push(
        ...targets.filter((target) => !existsSync(join(HOUSE, dirname(path), target))).map((to) => `${path} → ${to}`),
      );
    }
    expect(dead).toEqual([]);
  });

  test("every path of the house that the documents name exists", async () => {
    const named = (await Promise.all((await documents()).map(read))).flatMap((text) =>
      [...text.matchAll(/`((?:apps|packages|scripts)\/[\w./-]+)`/g)].map(([, path = ""]) => path),
    );
    expect(named.length).toBeGreaterThan(20);
    const gone = [...new Set(named)].filter((path) => !path.includes("NNNN") && !existsSync(join(HOUSE, path)));
    expect(gone).toEqual([]);
  });

  test("docs/architecture.md has a line for every app, every package and every folder of the pages", async () => {
    const document = await read("docs/architecture.md");
    const listed = [...document.matchAll(/^\| `([\w/-]+)` \|/gm)].map(([, path = ""]) => path);
    const [apps, packages, pages] = await Promise.all(
      ["apps", "packages", "apps/web/app"].map(async (path) =>
        (await readdir(join(HOUSE, path), { withFileTypes: true }))
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => name),
      ),
    );
    const expected = [
      ...(apps ?? []).map((name) => `apps/${name}`),
      ...(packages ?? []).map((name) => `packages/${name}`),
    ];
    expect(listed.toSorted()).toEqual([...expected, ...(pages ?? [])].toSorted());
  });

  test("every decision is in the list of decisions", async () => {
    const list = await read("docs/decisions/README.md");
    const records = (await documents()).filter((path) => /^docs\/decisions\/\d{4}-/.test(path));
    expect(records.filter((path) => !list.includes(`](${path.slice("docs/decisions/".length)})`))).toEqual([]);
  });

  test("every npm script that the documents name exists", async () => {
    const { scripts } = JSON.parse(await read("package.json")) as { scripts: Record<string, string> };
    const named = (await Promise.all((await documents()).map(read))).flatMap((text) =>
      [...text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map(([, name = ""]) => name),
    );
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });
});
