import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { environmentSchema } from "../apps/server/src/env.ts";

/**
 * Writes the configuration table, made from apps/server/src/env.ts, between the markers of README.md and docs/operations.md.
 * With --check it writes nothing and leaves non-zero when a table is out of date.
 */

const HOUSE = resolve(import.meta.dirname, "..");
export const DOCUMENTS = ["README.md", "docs/operations.md"];
const BEGIN = "<!-- configuration: made from apps/server/src/env.ts by scripts/configuration-table.ts -->";
const END = "<!-- end of configuration -->";

interface Property {
  description?: string;
  default?: unknown;
  enum?: unknown[];
}

/** The table in Markdown: one row per variable, in the order of env.ts. Throws when a variable has no description. */
export function configurationTable(): string {
  const { properties = {} } = environmentSchema.toJSONSchema({ io: "input", unrepresentable: "any" });
  const rows = Object.entries(properties).map(([name, property]) => {
    const { description, default: fallback, enum: values } = property as Property;
    if (!description) throw new Error(`${name} has no description in env.ts`);
    const allowed = values ? ` One of ${values.map((value) => `\`${value}\``).join(", ")}.` : "";
    return `| \`${name}\` | ${formatDefault(fallback)} | ${escapeCell(description)}${allowed} |`;
  });
  return ["| Variable | Default | Meaning |", "|---|---|---|", ...rows].join("\n");
}

function formatDefault(value: unknown): string {
  if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return "";
  return `\`${String(value)}\``;
}

const escapeCell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** The document with its table replaced. Throws when it lacks the markers. */
export function withTable(document: string, table: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`The document lacks the markers ${BEGIN} and ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n${table}\n${document.slice(end)}`;
}

async function main(checkOnly: boolean): Promise<void> {
  const table = configurationTable();
  for (const path of DOCUMENTS) {
    const file = join(HOUSE, path);
    const present = await readFile(file, "utf8");
    const wanted = withTable(present, table);
    if (wanted === present) continue;
    if (checkOnly) {
      console.error(`${path}: the configuration table is out of date: run node scripts/configuration-table.ts.`);
      process.exitCode = 1;
      continue;
    }
    await writeFile(file, wanted);
    console.log(`Wrote the table of ${path}.`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.includes("--check"));
