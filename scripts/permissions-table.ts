import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type ApiKeyScope,
  apiKeyScopes,
  type Permission,
  type PermissionRow,
  permissions,
  roles,
  type ScopeRow,
} from "../packages/auth/src/permissions.ts";

/**
 * Writes docs/permissions.md, and the table of scopes between the markers of docs/api.md, from the tables in
 * packages/auth/src/permissions.ts. With --check it writes nothing and leaves non-zero when a document is out of date.
 */

const HOUSE = resolve(import.meta.dirname, "..");
export const DOCUMENT = "docs/permissions.md";
export const API_DOCUMENT = "docs/api.md";
const BEGIN = "<!-- scopes: made from packages/auth/src/permissions.ts by scripts/permissions-table.ts -->";
const END = "<!-- end of scopes -->";

const ROLE_NAMES = { owner: "Owner", admin: "Admin", billing_admin: "Billing admin", member: "Member" } as const;

const INTRODUCTION = `# What each role may do

Made from \`packages/auth/src/permissions.ts\` by \`node scripts/permissions-table.ts\`; \`npm run check\` fails when it is out of date.
The portal shows the same table on the members' page, under "What can each role do?".

Roles belong to one organization each; a person can be owner of one and member of another. Beside the table three rules hold:

- Nobody gives a role above their own, and nobody changes or removes a person whose role is above their own: admins cannot touch owners.
- An organization always has an owner: the last one can neither leave, be demoted, be removed, nor delete their account.
- Everybody may leave.

Above organizations stand enterprise admins and platform admins. They see counts and money, never an organization's content, unless they are
members of it.`;

const SCOPES_INTRODUCTION = `# What each API key may do

Programs have no role. Who may create keys gives each one scopes, at least one, and they stay the same for as long as the key lives. Every request of the
[interface for programs](api.md) needs exactly one of them; without it the answer is 403 \`missing_scope\`.`;

/** The whole document. */
export function permissionsDocument(): string {
  const rows = Object.entries(permissions) as [Permission, PermissionRow][];
  const areas = [...new Set(rows.map(([, { area }]) => area))];
  const parts = areas.map((area) => {
    const own = rows.filter(([, row]) => row.area === area);
    return [`## ${area}`, "", head(), ...own.map(([name, row]) => line(name, row))].join("\n");
  });
  return `${[INTRODUCTION, ...parts, SCOPES_INTRODUCTION, scopesTable()].join("\n\n")}\n`;
}

/** The table of scopes, with the requests that need each. */
export function scopesTable(): string {
  const rows = (Object.entries(apiKeyScopes) as [ApiKeyScope, ScopeRow][]).map(([scope, { may, requests }]) => {
    const paths = requests.map((request) => `\`${request.replace(" ", " /api/v1").replace(":id", "{id}")}\``);
    return `| \`${scope}\` | ${may} | ${paths.join("<br>")} |`;
  });
  return ["| Scope | A key with it may … | For |", "|---|---|---|", ...rows].join("\n");
}

/** The document with its table of scopes replaced. Throws when it lacks the markers. */
export function withScopes(document: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${API_DOCUMENT} lacks the markers ${BEGIN} and ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n${scopesTable()}\n${document.slice(end)}`;
}

function head(): string {
  const names = roles.map((role) => ROLE_NAMES[role]).join(" | ");
  return `| May … | ${names} | In code |\n|---|${":-:|".repeat(roles.length)}---|`;
}

function line(name: Permission, { may, roles: holders }: PermissionRow): string {
  const marks = roles.map((role) => (holders.includes(role) ? "yes" : "–")).join(" | ");
  return `| ${may} | ${marks} | \`${name}\` |`;
}

async function main(checkOnly: boolean): Promise<void> {
  await keep(DOCUMENT, permissionsDocument, checkOnly);
  await keep(API_DOCUMENT, withScopes, checkOnly);
}

async function keep(path: string, toWanted: (present: string) => string, checkOnly: boolean): Promise<void> {
  const file = join(HOUSE, path);
  const present = await readFile(file, "utf8").catch(() => "");
  const wanted = toWanted(present);
  if (present === wanted) return;
  if (checkOnly) {
    console.error(`${path} is out of date: run node scripts/permissions-table.ts.`);
    process.exitCode = 1;
    return;
  }
  await writeFile(file, wanted);
  console.log(`Wrote ${path}.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.includes("--check"));
