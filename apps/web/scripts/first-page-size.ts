import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** What one page loads before it is usable. */
export interface PageSize {
  page: string;
  /** Sum of the gzipped scripts, in bytes. */
  sizeBytes: number;
  scripts: { name: string; sizeBytes: number }[];
}

/** A page by the ids of its routes, outermost first. */
const PAGES: Record<string, string[]> = {
  "/sign-in": ["root", "entrance", "sign-in"],
  "/o/…": ["root", "portal", "organization", "overview"],
  "/o/…/wallet": ["root", "portal", "organization", "wallet"],
  "/o/…/members": ["root", "portal", "organization", "members"],
  "/o/…/usage": ["root", "portal", "organization", "usage"],
};

interface Module {
  module: string;
  imports?: string[];
}

interface Manifest {
  entry: Module;
  routes: Record<string, Module>;
}

/** Measures what the built pages load first: the entry, their routes, and everything these import. Gzip as a server sends it. */
export function measureFirstPages(buildDirectory: string): PageSize[] {
  const manifest = readManifest(buildDirectory);
  return Object.entries(PAGES).map(([page, ids]) => {
    const modules = [manifest.entry, ...ids.map((id) => routeOf(manifest, id))];
    const names = new Set(modules.flatMap(({ module, imports = [] }) => [module, ...imports]));
    const scripts = [...names].map((name) => ({
      name,
      sizeBytes: gzipSync(readFileSync(join(buildDirectory, name))).length,
    }));
    const sizeBytes = scripts.reduce((sum, script) => sum + script.sizeBytes, 0);
    return { page, sizeBytes, scripts: scripts.sort((one, other) => other.sizeBytes - one.sizeBytes) };
  });
}

function routeOf(manifest: Manifest, id: string): Module {
  const route = manifest.routes[id];
  if (!route) throw new Error(`The build has no route "${id}".`);
  return route;
}

function readManifest(buildDirectory: string): Manifest {
  const assets = join(buildDirectory, "assets");
  const name = readdirSync(assets).find((file) => file.startsWith("manifest-"));
  if (!name) throw new Error("The build has no manifest. Run `npm run build` first.");
  const text = readFileSync(join(assets, name), "utf8");
  return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as Manifest;
}
