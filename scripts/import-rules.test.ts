import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * A house in miniature with one deliberate violation per file. Every rule must bite its violations and nothing else: the lawful
 * files around them stay free of findings.
 */

const HOUSE = resolve(import.meta.dirname, "..");
const MODULES = "packages/api/src/modules";
const options = await extractDepcruiseOptions(join(HOUSE, ".dependency-cruiser.mjs"));
const ruleNames = (options.ruleSet?.forbidden ?? []).map((rule) => rule.name ?? "unnamed");

interface Violation {
  /** The rules this file breaks: all of them and no other. */
  rules: string[];
  file: string;
  code: string;
}

const breaks = (rule: string, file: string, code: string): Violation => ({ rules: [rule], file, code });

const misdirects = (from: string, file: string, code: string): Violation =>
  breaks(`direction-${from.replace("/", "-")}`, `${from}/${file}`, code);

const climbs = (module: string, above: string): Violation =>
  breaks(
    `module-order-${module}`,
    `${MODULES}/${module}/calls-${above}.ts`,
    `import type { A } from "../${above}/index.ts";`,
  );

const LAWFUL: Record<string, string> = {
  "apps/web/app/root.tsx": `import type { AppRouter } from "@guildhall/api";\nimport { schema } from "@guildhall/live/events";\nimport { roles } from "@guildhall/auth/permissions";\nimport { button } from "~/button";`,
  "apps/web/app/button.ts": `import { id } from "@guildhall/shared";\nexport const button = id;`,
  "apps/server/src/main.ts": `import { appRouter } from "@guildhall/api/server";\nimport { db } from "@guildhall/db";\nimport type { Pretty } from "pino-pretty";`,
  "apps/server/src/env.ts": `import { env } from "node:process";\nexport type Env = typeof env;`,
  "apps/server/src/main.test.ts": `import { given } from "@guildhall/db/testing";\nimport pretty from "pino-pretty";`,
  "scripts/check.ts": "export type Step = string;",
  "packages/api/src/server.ts": `export { appRouter } from "./trpc/app.router.ts";\nexport { addCredits } from "./modules/wallets/index.ts";`,
  "packages/api/src/caller.ts": "export const caller = 1;",
  "packages/api/src/trpc/app.router.ts": `import { walletsRouter } from "../modules/wallets/index.ts";\nexport const appRouter = walletsRouter;`,
  "packages/api/src/trpc/procedures.ts": `import { initTRPC } from "@trpc/server";\nimport { member } from "../modules/members/roster.ts";`,
  "packages/api/src/trpc/context.ts": "export type Context = 1;",
  "packages/api/src/trpc/base-procedure.ts": "export const procedure = 1;",
  [`${MODULES}/wallets/index.ts`]: `export { addCredits } from "./credits.ts";\nexport { walletsRouter } from "./wallets.router.ts";`,
  [`${MODULES}/wallets/credits.ts`]: `import { post } from "@guildhall/ledger";\nimport { may } from "./credits-policy.ts";\nimport type { Context } from "../../trpc/context.ts";\nexport const addCredits = post;`,
  [`${MODULES}/wallets/credits-policy.ts`]: `import { id } from "@guildhall/shared";\nimport { roles } from "@guildhall/auth/permissions";`,
  [`${MODULES}/wallets/wallets.router.ts`]: `import { procedure } from "../../trpc/procedures.ts";\nimport { addCredits } from "./credits.ts";\nexport const walletsRouter = 1;`,
  [`${MODULES}/usage/record-usage.ts`]: `import { addCredits } from "../wallets/index.ts";`,
  [`${MODULES}/members/index.ts`]: `export type { Roster } from "./roster.ts";\nexport type A = 1;`,
  [`${MODULES}/members/roster.ts`]: `import { db } from "@guildhall/db";\nexport type Roster = typeof db;`,
  [`${MODULES}/agents/index.ts`]: "export const agent = 1;",
  [`${MODULES}/agents/agents.router.ts`]: "export const agentsRouter = 1;",
  ...Object.fromEntries(
    ["organizations", "teams", "subscriptions", "seats", "invites", "admin"].map((module) => [
      `${MODULES}/${module}/index.ts`,
      "export type A = 1;",
    ]),
  ),
  "packages/auth/src/index.ts": `import { Lucia } from "lucia";\nexport const sign = 1;`,
  "packages/auth/src/permissions.ts": "export const roles = 1;",
  "packages/db/src/index.ts": `import postgres from "postgres";\nexport const db = 1;`,
  "packages/db/src/hen.ts": `import type { Egg } from "./egg.ts";\nexport type Hen = 1;`,
  "packages/db/src/pool.ts": "export type Pool = 1;",
  "packages/db/src/testing/index.ts": `import { test } from "vitest";\nexport const given = 1;`,
  "packages/ledger/src/index.ts": `import { db } from "@guildhall/db";\nexport const post = 1;`,
  "packages/live/src/index.ts": "export type Bus = 1;",
  "packages/live/src/log.ts": "export type Log = 1;",
  "packages/live/src/events/index.ts": `import { z } from "zod";\nimport { id } from "@guildhall/shared";\nexport const schema = 1;`,
  "packages/shared/src/index.ts": "export const id = 1;",
};

const VIOLATIONS: Violation[] = [
  misdirects("apps/web", "app/code-of-ledger.ts", `import { post } from "@guildhall/ledger";`),
  misdirects("apps/web", "app/types-of-auth.ts", `import type { Sign } from "@guildhall/auth";`),
  misdirects("apps/web", "app/types-of-db.ts", `import type { Db } from "@guildhall/db";`),
  misdirects("apps/web", "app/reexports.ts", `export type { Bus } from "@guildhall/live";`),
  misdirects("apps/web", "app/inline.ts", `export type Bus = import("@guildhall/live").Bus;`),
  misdirects("apps/web", "app/late.ts", `export const late = () => import("@guildhall/db");`),
  misdirects("apps/web", "app/server-types.ts", `import type { Caller } from "@guildhall/api/server";`),
  ...["apps/server", "packages/api"].map((from) => ({
    rules: [`direction-${from.replace("/", "-")}`, "packages-are-entered-by-their-doors"],
    file: `${from}/src/unlisted.ts`,
    code: `import type { X } from "@guildhall/unlisted";`,
  })),
  misdirects("apps/replay", "src/cheats.ts", `import { post } from "@guildhall/ledger";`),
  misdirects("apps/stripe-sandbox", "src/cheats.ts", `import type { Db } from "@guildhall/db";`),
  misdirects("packages/auth", "src/asks.ts", `import type { AppRouter } from "@guildhall/api";`),
  misdirects("packages/billing", "src/pays.ts", `import { post } from "@guildhall/ledger";`),
  misdirects("packages/ledger", "src/listens.ts", `import type { Bus } from "@guildhall/live";`),
  misdirects("packages/live", "src/pays.ts", `import { post } from "../../ledger/src/index.ts";`),
  misdirects("packages/mail", "src/signs.ts", `import { sign } from "@guildhall/auth";`),
  misdirects("packages/db", "src/climbs.ts", `import type { Bus } from "@guildhall/live";`),
  {
    rules: ["direction-packages-shared", "shared-depends-on-nothing"],
    file: "packages/shared/src/climbs.ts",
    code: `import type { Db } from "@guildhall/db";`,
  },

  breaks("web-takes-types-only-from-the-api", "apps/web/app/code.ts", `import { appRouter } from "@guildhall/api";`),
  breaks(
    "api-door-is-types-only",
    "packages/api/src/index.ts",
    `export type { appRouter as AppRouter } from "./trpc/app.router.ts";\nexport { caller } from "./caller.ts";`,
  ),
  breaks("events-stay-browser-safe", "packages/live/src/events/log.ts", `import type { Log } from "../log.ts";`),
  breaks("shared-depends-on-nothing", "packages/shared/src/hash.ts", `import { createHash } from "node:crypto";`),
  breaks("shared-depends-on-nothing", "packages/shared/src/schema.ts", `import type { ZodType } from "zod";`),
  breaks(
    "packages-never-import-apps",
    "packages/db/src/env.ts",
    `import type { Env } from "../../../apps/server/src/env.ts";`,
  ),
  breaks("apps-never-import-apps", "apps/web/app/env.ts", `import type { Env } from "../../server/src/env.ts";`),
  breaks(
    "packages-are-entered-by-their-doors",
    "apps/server/src/back-door.ts",
    `import type { Pool } from "../../../packages/db/src/pool.ts";`,
  ),
  breaks(
    "nothing-imports-scripts",
    "packages/db/src/steps.ts",
    `import type { Step } from "../../../scripts/check.ts";`,
  ),

  breaks(
    "modules-are-entered-by-their-index",
    `${MODULES}/workspaces/bill.ts`,
    `import type { Roster } from "../members/roster.ts";`,
  ),
  breaks(
    "the-api-enters-modules-by-their-index",
    "packages/api/src/r.ts",
    `import type { R } from "./modules/members/roster.ts";`,
  ),
  breaks(
    "routers-are-only-mounted",
    `${MODULES}/agents/doors.ts`,
    `export { agentsRouter } from "./agents.router.ts";`,
  ),
  breaks("only-routers-know-trpc", `${MODULES}/wallets/refuse.ts`, `import { TRPCError } from "@trpc/server";`),
  breaks("only-routers-know-trpc", "packages/mail/src/errors.ts", `import type { TRPCError } from "@trpc/server";`),
  breaks(
    "procedures-declare-their-access",
    `${MODULES}/organizations/open.router.ts`,
    `import { procedure } from "../../trpc/base-procedure.ts";`,
  ),
  breaks(
    "verbs-never-see-the-transport",
    `${MODULES}/agents/ask.ts`,
    `import type { P } from "../../trpc/procedures.ts";`,
  ),
  breaks("policies-are-pure", `${MODULES}/members/role-policy.ts`, `import type { Db } from "@guildhall/db";`),
  breaks("policies-are-pure", `${MODULES}/members/clock-policy.ts`, `import { readFileSync } from "node:fs";`),
  breaks("policies-are-pure", `${MODULES}/members/indirect-policy.ts`, `import type { Roster } from "./roster.ts";`),

  climbs("audit", "organizations"),
  climbs("organizations", "members"),
  climbs("members", "teams"),
  climbs("teams", "admin"),
  climbs("wallets", "invites"),
  climbs("usage", "admin"),
  climbs("subscriptions", "seats"),
  climbs("seats", "invites"),
  climbs("invites", "admin"),

  breaks("only-auth-knows-lucia", "apps/server/src/session.ts", `import type { Session } from "lucia";`),
  breaks("only-db-knows-the-driver", "packages/ledger/src/driver.ts", `import type { Sql } from "postgres";`),
  breaks("environment-has-one-reader", "apps/server/src/port.ts", `import { env } from "node:process";`),
  breaks(
    "production-never-needs-development-packages",
    "apps/server/src/pretty.ts",
    `import pretty from "pino-pretty";`,
  ),
  breaks(
    "production-never-imports-tests",
    "apps/server/src/f.ts",
    `import type { given } from "@guildhall/db/testing";`,
  ),
  breaks("dependencies-are-declared", "packages/db/src/hoisted.ts", `import type { Hono } from "hono";`),
  breaks("imports-resolve", "packages/db/src/typo.ts", `import type { X } from "./nowhere.ts";`),
  breaks("no-cycles", "packages/db/src/egg.ts", `import type { Hen } from "./hen.ts";\nexport type Egg = 1;`),
];

const INSTALLED = ["lucia", "postgres", "hono", "@trpc/server", "zod", "pino-pretty", "vitest"];
const MISSING_YET: Record<string, unknown> = { ".": "./src/index.ts" };

let root = "";
let found: Map<string, Set<string>>;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), `${text}\nexport {};\n`);
}

async function putJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), JSON.stringify(value));
}

async function putManifest(folder: string, siblings: string[]): Promise<void> {
  const real = await readFile(join(HOUSE, folder, "package.json"), "utf8").catch(() => "{}");
  const declared = [...siblings, "lucia", "postgres", "@trpc/server", "zod"];
  await putJson(`${folder}/package.json`, {
    name: `@guildhall/${folder.split("/")[1]}`,
    exports: (JSON.parse(real) as { exports?: unknown }).exports ?? MISSING_YET,
    dependencies: Object.fromEntries(declared.map((name) => [name, "*"])),
    devDependencies: { "pino-pretty": "*", vitest: "*" },
  });
}

async function buildMiniature(): Promise<void> {
  root = await realpath(await mkdtemp(join(tmpdir(), "guildhall-rules-")));
  const packages = ["api", "auth", "billing", "db", "ledger", "live", "mail", "shared", "unlisted"];
  const siblings = packages.map((name) => `@guildhall/${name}`);
  await mkdir(join(root, "node_modules/@guildhall"), { recursive: true });
  for (const name of packages) {
    await putManifest(`packages/${name}`, siblings);
    await symlink(join(root, "packages", name), join(root, "node_modules/@guildhall", name), "dir");
  }
  for (const name of ["server", "web", "replay", "stripe-sandbox"]) await putManifest(`apps/${name}`, siblings);
  for (const name of INSTALLED) {
    await putJson(`node_modules/${name}/package.json`, { name, version: "1.0.0", main: "index.js" });
    await put(`node_modules/${name}/index.js`, "");
  }
  await putJson("package.json", { name: "miniature", private: true });
  for (const [path, code] of Object.entries({ "packages/unlisted/src/index.ts": "export type X = 1;", ...LAWFUL })) {
    await put(path, code);
  }
  for (const { file, code } of VIOLATIONS) await put(file, code);
}

async function findViolations(): Promise<Map<string, Set<string>>> {
  const compilerOptions = { baseUrl: root, paths: { "~/*": ["./apps/web/app/*"] } };
  await putJson("tsconfig.json", { compilerOptions });
  const tsConfig = { fileName: join(root, "tsconfig.json") };
  const { output } = await cruise(
    ["apps", "packages", "scripts"],
    { ...options, baseDir: root, tsConfig, validate: true },
    undefined,
    { tsConfig: { options: compilerOptions } },
  );
  const byPlace = new Map<string, Set<string>>();
  for (const { from, rule } of (output as ICruiseResult).summary.violations) {
    byPlace.set(from, (byPlace.get(from) ?? new Set()).add(rule.name));
  }
  return byPlace;
}

beforeAll(async () => {
  await buildMiniature();
  found = await findViolations();
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("import rules", () => {
  test.each(VIOLATIONS)("$rules.0 bites $file", ({ rules, file }) => {
    expect([...(found.get(file) ?? [])].sort()).toEqual([...rules].sort());
  });

  test("lawful files have no findings", () => {
    const places = new Set(VIOLATIONS.map((violation) => violation.file));
    expect([...found].filter(([place]) => !places.has(place)).map(([place, rules]) => [place, ...rules])).toEqual([]);
  });

  test("every rule is broken by at least one file here", () => {
    const broken = new Set(VIOLATIONS.flatMap((violation) => violation.rules));
    expect(ruleNames.filter((name) => !broken.has(name))).toEqual([]);
  });

  test("every package of the house has its direction", async () => {
    const packages = await readdir(join(HOUSE, "packages"));
    expect(packages.filter((name) => !ruleNames.includes(`direction-packages-${name}`))).toEqual([]);
  });
});
