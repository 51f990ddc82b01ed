import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { AuditEntry } from "~/api/types";
import { sentenceOf } from "./sentence";

const HOUSE = resolve(import.meta.dirname, "../../../../..");
const FOLDERS = ["packages/api/src", "apps/server/src"];

/** Names that the sources put together from parts, with where the parts stand. */
const MADE_OF_PARTS: Record<string, { folder: string; part: RegExp }> = {
  "ownership.${outcome}": { folder: "packages/api/src/modules/ownership", part: /AnsweredOutcome = (.*);/g },
  "second_factor.${done.change}": { folder: "packages/api/src/modules/second-factor", part: /change: ("\w+")/g },
};

/** What hands an action on, or names its type: its name stands where it came from. */
const HANDED_ON = /^(string;|row\.action|z\.)/;

interface Source {
  path: string;
  text: string;
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(join(HOUSE, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !/(^|\/)testing\//.test(path))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(HOUSE, folder, path), "utf8") }));
}

const literalsIn = (text: string) => [...text.matchAll(/"([a-z_]+(?:\.[a-z_]+)?)"/g)].map(([, name = ""]) => name);

/** The names of the actions that an `action:` of the sources can stand for. @throws when it cannot be told */
function namesOf(expression: string, { path, text }: Source): string[] {
  const dotted = literalsIn(expression).filter((name) => name.includes("."));
  if (dotted.length > 0) return dotted;
  const template = /^`(.*?)`/.exec(expression)?.[1];
  const made = template === undefined ? undefined : MADE_OF_PARTS[template];
  if (made) {
    const parts = sourcesIn(made.folder).flatMap((source) => [...source.text.matchAll(made.part)]);
    const prefix = template?.split("$")[0] ?? "";
    return parts.flatMap(([, part = ""]) => literalsIn(part)).map((part) => `${prefix}${part}`);
  }
  const table = /^([A-Z_]+)\[/.exec(expression)?.[1];
  const rows = table && new RegExp(`const ${table}\\b[^=]*= \\{([^}]*)\\}`).exec(text)?.[1];
  if (rows) return literalsIn(rows);
  if (HANDED_ON.test(expression)) return [];
  throw new Error(`${path}: which names can "action: ${expression}" stand for? Teach this test.`);
}

/** Every action that code writes into an audit log, with the files that do. */
function findActions(): string[] {
  const found = FOLDERS.flatMap(sourcesIn).flatMap((source) => {
    // A comment may speak of "action:", too.
    const code = source.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    return [...code.matchAll(/\baction: ([^\n]+)/g)].flatMap(([, expression = ""]) => namesOf(expression, source));
  });
  return [...new Set(found)].sort();
}

function entry(action: string): AuditEntry {
  return {
    ...{ sequence: "1", at: "2026-11-22T00:00:00.000Z", hash: "00", action, before: null, after: null },
    ...{ address: null, userAgent: null, device: null, requestId: null },
    ...{ actor: { userId: "ada", name: "Ada" }, subject: { kind: "thing", id: "1", label: "" } },
  };
}

describe("every action that is written into an audit log reads as a sentence", () => {
  const actions = findActions();

  test("the sources are found, those with names made of parts, too", () => {
    expect(actions.length).toBeGreaterThan(50);
    expect(actions).toEqual(expect.arrayContaining(["invite.created", "member.left", "enterprise.admin_added"]));
    expect(actions).toEqual(expect.arrayContaining(["ownership.accepted", "second_factor.passkey_added"]));
  });

  test.each(actions)("%s", (action) => {
    // Without a sentence of its own an action reads as "some kind: what was done".
    const kind = (action.split(".")[0] ?? "").replaceAll("_", " ");
    expect(sentenceOf(entry(action)).startsWith(`${kind}: `)).toBe(false);
  });
});
