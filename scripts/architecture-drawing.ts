import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { cruise, type ICruiseResult, type IModule } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { type Drawing, drawSvg, type Import } from "./draw-svg.ts";

/**
 * Draws docs/images/house.svg and docs/images/modules.svg from the imports as they are. With --check it writes nothing and leaves
 * non-zero when a drawing no longer tells the truth.
 */

const HOUSE = resolve(import.meta.dirname, "..");
const NOT_THE_PRODUCT = "\\.(test|e2e)\\.tsx?$|(^|/)testing/|^apps/(e2e|bench)/";

const CAPTIONS: Record<string, string> = {
  "apps/server": "HTTP, sockets",
  "apps/web": "pages, components",
  "apps/replay": "plays usage traces",
  "apps/stripe-sandbox": "a local Stripe",
  "packages/api": "capabilities, tRPC",
  "packages/auth": "sessions, permissions",
  "packages/billing": "Stripe, plans",
  "packages/db": "schema, tenancy",
  "packages/ledger": "double entry, batches",
  "packages/live": "event log, bus",
  "packages/mail": "templates, delivery",
  "packages/shared": "ids, credits, errors",
};

async function readModules(): Promise<IModule[]> {
  const options = await extractDepcruiseOptions(join(HOUSE, ".dependency-cruiser.mjs"));
  const { output } = await cruise(
    ["apps", "packages"],
    { ...options, baseDir: HOUSE, validate: false, tsConfig: { fileName: join(HOUSE, "tsconfig.json") } },
    undefined,
    { tsConfig: extractTSConfig(join(HOUSE, "tsconfig.json")) },
  );
  const notTheProduct = new RegExp(NOT_THE_PRODUCT);
  return (output as ICruiseResult).modules.filter(({ source }) => !notTheProduct.test(source));
}

/** Gathers the imports between files into imports between folders; `folder` captures a folder's name in its first group. */
function gatherImports(modules: IModule[], folder: RegExp): { names: string[]; imports: Import[] } {
  const nameOf = (path: string) => folder.exec(path)?.[1];
  const names = new Set<string>();
  const imports = new Map<string, Import>();
  for (const module of modules) {
    const from = nameOf(module.source);
    if (from === undefined) continue;
    names.add(from);
    for (const dependency of module.dependencies) {
      const to = nameOf(dependency.resolved);
      if (to === undefined || to === from) continue;
      const key = `${from} ${to}`;
      const typesOnly = dependency.dependencyTypes.includes("type-only") && (imports.get(key)?.typesOnly ?? true);
      imports.set(key, { from, to, typesOnly });
    }
  }
  return { names: [...names].sort(), imports: [...imports.entries()].sort().map(([, value]) => value) };
}

async function makeDrawings(): Promise<Map<string, string>> {
  const modules = await readModules();
  const house: Drawing = {
    title: "What imports what",
    ...gatherImports(modules, /^((?:apps|packages)\/[^/]+)\//),
    captions: CAPTIONS,
  };
  const capabilities: Drawing = {
    title: "Calls between the modules of packages/api",
    ...gatherImports(modules, /^packages\/api\/src\/modules\/([^/]+)\//),
    captions: {},
  };
  return new Map([
    ["docs/images/house.svg", drawSvg(house)],
    ["docs/images/modules.svg", drawSvg(capabilities)],
  ]);
}

async function main(checkOnly: boolean): Promise<void> {
  for (const [path, svg] of await makeDrawings()) {
    const file = join(HOUSE, path);
    const present = await readFile(file, "utf8").catch(() => "");
    if (present === svg) continue;
    if (checkOnly) {
      console.error(`${path} is out of date: run node scripts/architecture-drawing.ts and look at what changed.`);
      process.exitCode = 1;
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, svg);
    console.log(`Drew ${path}.`);
  }
}

await main(process.argv.includes("--check"));
