import {
  type AuditLogEntry,
  auditFilters,
  openAuditExport,
  type RunningServices,
  readActor,
} from "@guildhall/api/server";
import { DomainError } from "@guildhall/shared";
import type { Context } from "hono";
import { csvRow, textCell } from "./csv.ts";
import { refuseSignedOut, streamPages } from "./export-answer.ts";
import { readInput } from "./rest-errors.ts";
import type { HttpVariables } from "./variables.ts";

export const AUDIT_EXPORT_PATH = "/o/:slug/audit/:file{audit\\.(?:csv|json)}";

type ExportContext = Context<{ Variables: HttpVariables }, typeof AUDIT_EXPORT_PATH>;

const COLUMNS = [
  ...["date", "actor", "actor_id", "action", "subject_kind", "subject", "subject_id", "before", "after"],
  ...["address", "user_agent", "request_id", "hash", "sequence"],
];

/**
 * Answers with an organization's audit log as CSV or as one JSON array, newest first, for whoever is signed in and may take it.
 * The filters are those of the page. `X-First-Sequence` and `X-Last-Sequence` say which stretch is looked through, so that the
 * sequence of the latest row tells how far it has come.
 * @throws unauthenticated, not_found, forbidden, invalid_input
 */
export function auditExport(services: RunningServices): (c: ExportContext) => Promise<Response> {
  const { db, clock } = services;
  return async function exportAudit(c) {
    const signedIn = c.get("signedIn");
    if (!signedIn) return refuseSignedOut(c);
    const format = c.req.param("file") === "audit.json" ? "json" : "csv";
    const slug = c.req.param("slug");
    if (slug === undefined) throw new DomainError("not_found");
    const { pages, ...opened } = await openAuditExport(db, {
      readActor: () => readActor(db, signedIn.user, slug),
      filters: readFilters(c),
    });
    const today = clock.now().toISOString().slice(0, 10);
    return c.body(streamPages(pages, FILES[format]), 200, {
      "content-type": TYPES[format],
      "content-disposition": `attachment; filename="${opened.slug}-audit-${today}.${format}"`,
      "x-first-sequence": "1",
      "x-last-sequence": String(opened.lastSequence),
    });
  };
}

const TYPES = { csv: "text/csv; charset=utf-8; header=present", json: "application/json; charset=utf-8" };

const FILES = {
  csv: { head: csvRow(COLUMNS), row: toRow },
  json: {
    head: "[",
    row: (entry: AuditLogEntry, index: number) => `${index === 0 ? "\n" : ",\n"}${JSON.stringify(entry)}`,
    tail: "\n]\n",
  },
};

function readFilters(c: ExportContext) {
  const given = Object.entries(c.req.query()).filter(([, value]) => value !== "");
  return readInput(auditFilters, Object.fromEntries(given));
}

function toRow({ actor, subject, before, after, ...entry }: AuditLogEntry): string {
  const texts = [
    ...[entry.at, actor?.name ?? "", actor?.userId ?? "", entry.action],
    ...[subject.kind, subject.label, subject.id, toJson(before), toJson(after)],
    ...[entry.address ?? "", entry.userAgent ?? "", entry.requestId ?? "", entry.hash],
  ];
  return csvRow([...texts.map(textCell), entry.sequence]);
}

function toJson(fields: Record<string, unknown> | null): string {
  return fields ? JSON.stringify(fields) : "";
}
