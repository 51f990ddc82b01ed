import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createSealer, SECRET_KEY_BYTES, type Sealer } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import type { Clock } from "@guildhall/shared";

/** Where the keys come from: configured, or a file that is made when it is missing. */
export interface KeySource {
  /** SECRET_KEY, decoded: the first seals, all open. */
  configured: readonly Buffer[];
  file: string;
}

/** Opens the portal's sealer. @throws when the file holds no key or cannot be written */
export async function openSealer({ configured, file }: KeySource): Promise<Sealer> {
  return createSealer(configured.length > 0 ? configured : [await readOrMakeKey(file)]);
}

async function readOrMakeKey(file: string): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true });
  const made = randomBytes(SECRET_KEY_BYTES).toString("base64");
  // Fails when there is one: of two servers that start at once, the second reads what the first has made.
  await writeFile(file, `${made}\n`, { mode: 0o600, flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const key = Buffer.from((await readFile(file, "utf8")).trim(), "base64");
  if (key.length !== SECRET_KEY_BYTES) throw new Error(`${file} does not hold a key of ${SECRET_KEY_BYTES} bytes.`);
  return key;
}

/** This server has another key than the one with which the database was sealed. */
class WrongKeyError extends Error {
  override name = "WrongKeyError";
}

const PURPOSE = "sealing_check";

/**
 * Makes sure that this server can open what the database holds sealed. With a key that has never been used here it marks
 * the database; with a new first key it marks it anew, so that the old one can go once nothing of its time is left.
 * @throws when the database was sealed with another key
 */
export async function assertOwnKey({ sql }: Database, sealer: Sealer, clock: Clock): Promise<void> {
  const mark = sealer.seal(PURPOSE, "Guildhall");
  await sql`
    INSERT INTO sealing_check (sealed, created_at) VALUES (${mark}, ${clock.now()}) ON CONFLICT (is_only) DO NOTHING`;
  const [row] = await sql<{ sealed: string }[]>`SELECT sealed FROM sealing_check`;
  try {
    sealer.open(PURPOSE, row?.sealed ?? "");
  } catch (cause) {
    throw new WrongKeyError(
      "This database was sealed with another SECRET_KEY. Start with that one (without SECRET_KEY it stands in " +
        "DATA_DIR/secret-key); to change it, put the new key in front of the old one, separated by a comma.",
      { cause },
    );
  }
  await sql`UPDATE sealing_check SET sealed = ${mark} WHERE sealed = ${row?.sealed ?? ""}`;
}
