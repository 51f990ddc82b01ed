import { parseArgs } from "node:util";
import { normalizeEmail } from "@guildhall/auth";
import { isDomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import { listPlatformAdmins, setPlatformAdmin } from "./set-platform-admin.ts";

const USAGE = `Makes a person a platform admin: they see counts and money of all organizations, and change slugs.

  npm run grant-platform-admin -- EMAIL [--unverified]
  npm run grant-platform-admin -- EMAIL --revoke
  npm run grant-platform-admin -- --list

  --unverified  also when nobody has proved that the address is theirs (without mail, say)
  --revoke      takes it away again; acts at the person's next click
  --list        says who is one`;

/** What the command works on and writes to. */
export interface PlatformAdminTerminal extends Pick<Services, "db" | "clock"> {
  write(line: string): void;
}

/** Runs the command line above. Returns the exit code: 0 done, 1 refused, 2 wrong use. */
export async function platformAdminCommand(args: string[], terminal: PlatformAdminTerminal): Promise<0 | 1 | 2> {
  const { db, write } = terminal;
  const asked = readArguments(args);
  if (!asked) {
    write(USAGE);
    return 2;
  }
  if (asked === "list") {
    for (const { email, name } of await listPlatformAdmins(db)) write(`${email}  ${name}`);
    return 0;
  }
  try {
    const { name, hasChanged } = await setPlatformAdmin(terminal, asked);
    const state = asked.isPlatformAdmin ? "a platform admin" : "no platform admin";
    write(`${name} <${asked.email}> is ${hasChanged ? "now" : "already"} ${state}.`);
    return 0;
  } catch (error) {
    if (!isDomainError(error)) throw error;
    const hint = error.code === "forbidden" ? " Add --unverified if you know that it is theirs." : "";
    write(error.message + hint);
    return 1;
  }
}

function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { revoke: { type: "boolean" }, unverified: { type: "boolean" }, list: { type: "boolean" } },
    });
    const [email, ...more] = positionals;
    if (values.list && !email) return "list";
    if (!email || more.length > 0) return undefined;
    const allowUnverified = values.unverified ?? false;
    return { email: normalizeEmail(email), isPlatformAdmin: !values.revoke, allowUnverified };
  } catch {
    return undefined;
  }
}
