import { can } from "@guildhall/auth";
import { type Database, withOrganization } from "@guildhall/db";
import { auditHeads } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { OrganizationActor } from "../../trpc/context.ts";
import { type AuditLogEntry, listAudit } from "./audit.queries.ts";
import type { AuditFilters } from "./audit-filters.ts";

/** An audit log on its way out. */
export interface AuditExport {
  slug: string;
  /** How long the log was when the export was opened. */
  lastSequence: bigint;
  /**
   * The entries, newest first, page by page, as the log stood when the export was opened. Each page is a short transaction of
   * its own, so a slow taker holds nothing.
   * @throws not_found, forbidden when the person may not read it any more
   */
  pages: AsyncGenerator<AuditLogEntry[]>;
}

interface ExportRequest {
  /** What the person is in the organization now; undefined for a stranger. Asked anew for every page. */
  readActor: () => Promise<OrganizationActor | undefined>;
  filters: AuditFilters;
}

const PAGE_SIZE = 1_000;
const PERMISSION = "audit.export";

/** Opens the export of an organization's audit log for a person. @throws not_found (a stranger, too), forbidden */
export async function openAuditExport(db: Database, { readActor, filters }: ExportRequest): Promise<AuditExport> {
  const { organizationId, slug } = await readReader(readActor);
  const [head] = await withOrganization(db, organizationId, (tx) =>
    tx.db.select().from(auditHeads).where(eq(auditHeads.scopeId, organizationId)),
  );
  const lastSequence = head?.sequence ?? 0n;
  return { slug, lastSequence, pages: readPages(db, { readActor, filters }, lastSequence) };
}

async function* readPages(
  db: Database,
  { readActor, filters }: ExportRequest,
  lastSequence: bigint,
): AsyncGenerator<AuditLogEntry[]> {
  for (let cursor: string | null = String(lastSequence + 1n); cursor !== null; ) {
    const { organizationId } = await readReader(readActor);
    const page = await listAudit(db, organizationId, { ...filters, cursor, limit: PAGE_SIZE });
    yield page.items;
    cursor = page.nextCursor;
  }
}

async function readReader(readActor: ExportRequest["readActor"]): Promise<OrganizationActor> {
  const actor = await readActor();
  if (!actor) throw new DomainError("not_found");
  if (!can(actor.role, PERMISSION)) throw new DomainError("forbidden", { role: actor.role, permission: PERMISSION });
  return actor;
}
