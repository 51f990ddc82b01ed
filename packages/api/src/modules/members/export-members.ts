import { can, type Permission } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { readActor } from "../organizations/index.ts";
import type { MemberOrder } from "./member-order.ts";
import { type MemberFilter, readMemberPage, selectPage } from "./members.queries.ts";

/** A roster on its way out. */
export interface MemberExport {
  slug: string;
  /** How many members matched when the export was opened. */
  totalRows: number;
  /**
   * The members page by page, each page a short transaction of its own, so a slow taker holds nothing.
   * @throws not_found, forbidden when the person may not read them any more
   */
  pages: AsyncGenerator<ExportedMember[]>;
}

export type ExportedMember = Awaited<ReturnType<typeof selectPage>>["items"][number];

const PAGE_SIZE = 1_000;
const PERMISSION: Permission = "members.export";

/**
 * Opens the export of an organization's members for a person. May they? is asked anew for every page.
 * @throws not_found (a stranger, too), forbidden
 */
export async function openMemberExport(
  services: Pick<Services, "db">,
  user: User,
  wanted: MemberFilter & MemberOrder & { slug: string },
): Promise<MemberExport> {
  const actor = await readReader(services, user, wanted.slug);
  const { total } = await readMemberPage(services.db, actor, { ...wanted, limit: 1 });
  return { slug: actor.slug, totalRows: total, pages: readPages(services, user, wanted) };
}

async function* readPages(
  services: Pick<Services, "db">,
  user: User,
  { slug, ...wanted }: MemberFilter & MemberOrder & { slug: string },
): AsyncGenerator<ExportedMember[]> {
  let cursor: string | undefined;
  do {
    const { organizationId } = await readReader(services, user, slug);
    const page = await withOrganization(services.db, organizationId, (tx) =>
      selectPage(tx, { ...wanted, cursor, limit: PAGE_SIZE }),
    );
    yield page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

async function readReader({ db }: Pick<Services, "db">, user: User, slug: string): Promise<OrganizationActor> {
  const actor = await readActor(db, user, slug);
  if (!actor) throw new DomainError("not_found");
  if (!can(actor.role, PERMISSION)) throw new DomainError("forbidden", { role: actor.role, permission: PERMISSION });
  return actor;
}
