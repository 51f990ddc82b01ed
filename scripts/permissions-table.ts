import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Permission, type PermissionRow, permissions, roles } from "../packages/auth/src/permissions.ts";

/**
 * Writes docs/permissions.md from the table in packages/auth/src/permissions.ts. With --check it writes nothing and leaves
 * non-zero when the document is out of date.
 */

const HOUSE = resolve(import.meta.dirname, "..");
export const DOCUMENT = "docs/permissions.md";

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

/** The whole document. */
export function permissionsDocument(): string {
  const rows = Object.entries(permissions) as [Permission, PermissionRow][];
  const areas = [...new Set(rows.map(([, { area }]) => area))];
  const parts = areas.map((area) => {
    const own = rows.filter(([, row]) => row.area === area);
    return [`## ${area}`, "", head(), ...own.map(([name, row]) => line(name, row))].join("\n");
  });
  return `${[INTRODUCTION, ...parts].join("\n\n")}\n`;
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
  const file = join(HOUSE, DOCUMENT);
  const wanted = permissionsDocument();
  if ((await readFile(file, "utf8").catch(() => "")) === wanted) return;
  if (checkOnly) {
    console.error(`${DOCUMENT} is out of date: run node scripts/permissions-table.ts.`);
    process.exitCode = 1;
    return;
  }
  await writeFile(file, wanted);
  console.log(`Wrote ${DOCUMENT}.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.includes("--check"));
