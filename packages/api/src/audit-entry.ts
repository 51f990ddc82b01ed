import type { Origin } from "./trpc/context.ts";

/** What a verb says about a change. */
export interface AuditRecord {
  /** Who did it; null for the portal itself. */
  actor: { userId: string; origin?: Origin | undefined } | null;
  /** "member.role_changed": the kind of thing, a dot, what happened to it. */
  action: string;
  /** What it was done to. The label is how people call it on that day: a name, an address. */
  subject: { kind: string; id: string; label: string };
  /** What it was; only what differs from `after` is kept. Never a secret. */
  before?: Record<string, unknown> | undefined;
  after?: Record<string, unknown> | undefined;
}

/** The chain that an entry belongs to. */
export interface AuditScope {
  scope: "organization" | "person";
  scopeId: string;
}

/** An entry in the form that audit.append reads. */
export type AuditEntry = AuditScope & {
  action: string;
  actorId: string | null;
  subjectKind: string;
  subjectId: string;
  subjectLabel: string;
  before: Fields | null;
  after: Fields | null;
  address: string | null;
  userAgent: string | null;
  requestId: string | null;
};

type Fields = Record<string, unknown>;

/** Longer texts are cut: they help nobody to recognize a thing, and a client chooses how long its user agent is. */
const MAX_TEXT = 500;
/** Names of fields whose values nobody may read later. A log that cannot be changed is no place to find one too many. */
const SECRET = /(password|secret|token|hash|recoveryCodes?|acceptUrl)$/i;

/** Makes the entry of a record: only the fields that changed. @throws TypeError for a field that holds a secret (a bug) */
export function toAuditEntry(scope: AuditScope, record: AuditRecord): AuditEntry {
  const { actor, action, subject } = record;
  const { before, after } = changedFields(record.before, record.after);
  for (const name of [...Object.keys(before ?? {}), ...Object.keys(after ?? {})]) {
    if (SECRET.test(name)) throw new TypeError(`${action} would keep ${name} in the audit log for ever.`);
  }
  return {
    ...scope,
    action,
    actorId: actor?.userId ?? null,
    subjectKind: subject.kind,
    subjectId: subject.id,
    subjectLabel: clip(subject.label),
    before,
    after,
    address: clip(actor?.origin?.address),
    userAgent: clip(actor?.origin?.userAgent),
    requestId: clip(actor?.origin?.requestId),
  };
}

function changedFields(before: Fields | undefined, after: Fields | undefined) {
  const [was, is] = [toPlain(before), toPlain(after)];
  if (!was || !is) return { before: was, after: is };
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  const changed = names.filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]));
  return { before: pick(was, changed), after: pick(is, changed) };
}

/** As JSON has it: dates as ISO texts, amounts as decimal texts, nothing undefined. */
function toPlain(fields: Fields | undefined): Fields | null {
  if (!fields) return null;
  return JSON.parse(
    JSON.stringify(fields, (_, value) => (typeof value === "bigint" ? String(value) : value)),
  ) as Fields;
}

function pick(fields: Fields, names: string[]): Fields {
  return Object.fromEntries(names.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
}

function clip(text: string): string;
function clip(text: string | undefined): string | null;
function clip(text: string | undefined): string | null {
  if (text === undefined) return null;
  // By code points: half of a surrogate pair cannot be stored.
  return text.length <= MAX_TEXT
    ? text
    : [...text]
        .slice(0, MAX_TEXT - 1)
        .join("")
        .concat("…");
}
