import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { OptionError, type ReplayOptions } from "./options.ts";

/** A key and for whom its organization's agents work. */
export interface FoundKey {
  key: string;
  /** E-mail addresses; empty when nobody is named. */
  members: string[];
}

const DEMO_KEYS_FILE = fileURLToPath(new URL("../../../.data/demo-keys.json", import.meta.url));

/**
 * Finds the key: the one given, else the demo's for the organization. The demo's file maps slugs to a key, or to
 * { key, members }. @throws OptionError
 */
export async function findApiKey(options: ReplayOptions): Promise<FoundKey> {
  if (options.key) return { key: options.key, members: options.members };
  if (!options.organization) {
    throw new OptionError("Say who pays: --organization SLUG for an organization of the demo, or --key KEY.");
  }
  const file = options.keysFile ?? DEMO_KEYS_FILE;
  const found = toFoundKey((await readKeys(file))[options.organization]);
  if (!found) {
    throw new OptionError(
      `${file} has no key of "${options.organization}". Make one under Settings > API keys; use --key.`,
    );
  }
  return options.members.length > 0 ? { ...found, members: options.members } : found;
}

async function readKeys(file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    const hint = "Start the portal once (npm start) to make the demo, or give a key with --key.";
    throw new OptionError(`The demo's keys cannot be read from ${file}. ${hint}`, { cause: error });
  }
}

function toFoundKey(entry: unknown): FoundKey | undefined {
  if (typeof entry === "string") return { key: entry, members: [] };
  if (typeof entry !== "object" || entry === null || !("key" in entry) || typeof entry.key !== "string")
    return undefined;
  const members = "members" in entry && Array.isArray(entry.members) ? entry.members : [];
  return { key: entry.key, members: members.filter((member) => typeof member === "string") };
}
