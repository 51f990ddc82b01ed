import {
  type ExportedMember,
  memberSeats,
  memberSorts,
  openMemberExport,
  type RunningServices,
} from "@guildhall/api/server";
import { DomainError } from "@guildhall/shared";
import type { Context } from "hono";
import { z } from "zod";
import { csvRow, textCell } from "./csv.ts";
import { refuseSignedOut, streamPages } from "./export-answer.ts";
import { readInput } from "./rest-errors.ts";
import type { HttpVariables } from "./variables.ts";

export const MEMBERS_EXPORT_PATH = "/o/:slug/members.csv";

type ExportContext = Context<{ Variables: HttpVariables }, typeof MEMBERS_EXPORT_PATH>;

const COLUMNS = ["name", "email", "role", "seat", "joined", "user_id"];

const wanted = z.object({
  search: z.string().trim().max(100).optional(),
  role: z.enum(["owner", "admin", "billing_admin", "member"]).optional(),
  seat: z.enum(memberSeats).optional(),
  sort: z.enum(memberSorts).default("role"),
  order: z.enum(["asc", "desc"]).default("asc"),
});

/**
 * Answers with an organization's members as CSV, for whoever is signed in and may take the list. Written as it is read, page by
 * page. `X-Total-Rows` says how many there were when it began. @throws unauthenticated, not_found, forbidden, invalid_input
 */
export function membersExport(services: RunningServices): (c: ExportContext) => Promise<Response> {
  return async function exportMembers(c) {
    const signedIn = c.get("signedIn");
    if (!signedIn) return refuseSignedOut(c);
    const slug = c.req.param("slug");
    if (slug === undefined) throw new DomainError("not_found");
    const given = Object.fromEntries(Object.entries(c.req.query()).filter(([, value]) => value !== ""));
    const opened = await openMemberExport(services, signedIn.user, { slug, ...readInput(wanted, given) });
    const today = services.clock.now().toISOString().slice(0, 10);
    return c.body(streamPages(opened.pages, { head: csvRow(COLUMNS), row: toRow }), 200, {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${opened.slug}-members-${today}.csv"`,
      "x-total-rows": String(opened.totalRows),
    });
  };
}

function toRow({ userId, name, email, role, seat, joinedAt }: ExportedMember): string {
  return csvRow([textCell(name), textCell(email), role, seat, joinedAt.toISOString(), userId]);
}
