import type { Database } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import { z } from "zod";
import { cursorPart, readCursor, writeCursor } from "../../keyset-cursor.ts";
import type { PlatformActor } from "./platform-actor.ts";

/** How the list of all organizations is sorted: by name from A on, or by age with the newest first. */
export const organizationSorts = ["name", "created"] as const;

/** A place in it: name, age and id of the row that the next page begins behind. It serves both orders. */
const place = z.tuple([cursorPart.text, cursorPart.time, cursorPart.id]);

interface OrganizationSearch {
  /** A part of the name, of the slug or of one it had before, whatever its case. */
  search: string;
  sort: (typeof organizationSorts)[number];
  /** Where the page before ended; the first page when left out. */
  cursor?: string | undefined;
  limit: number;
}

interface ListedRow {
  id: string;
  name: string;
  slug: string;
  description: string;
  status: "active" | "inactive" | "archived" | "pending_deletion";
  team_count: bigint;
  created_at: Date;
}

/**
 * A page of all organizations of the platform (S0.3), and how many the search finds. Read through a function of the database
 * that asks again whether the reader is a platform admin: the walls between organizations let nobody through.
 * @throws invalid_input for a cursor that is none
 */
export async function searchOrganizations({ sql }: Database, actor: PlatformActor, search: OrganizationSearch) {
  const { sort, cursor, limit } = search;
  const [name, createdAt, id] = cursor === undefined ? [null, null, null] : readCursor(place, cursor);
  const pattern = search.search === "" ? null : `%${search.search.replace(/[\\%_]/g, "\\$&")}%`;
  const [found, [counted]] = await Promise.all([
    sql<ListedRow[]>`
      SELECT * FROM platform_list_organizations(${actor.userId}, ${pattern}, ${sort === "created"}, ${name},
                                                ${createdAt}, ${id}, ${limit + 1})`,
    sql<{ total: bigint; active: bigint }[]>`
      SELECT * FROM platform_count_organizations(${actor.userId}, ${pattern})`,
  ]);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ id, name, slug, description, status, team_count, created_at }) => ({
      organizationId: id,
      name,
      slug,
      description,
      status,
      teamCount: Number(team_count),
      createdAt: created_at.toISOString(),
    })),
    nextCursor: found.length > limit && last ? cursorOf(last) : null,
    totalCount: Number(counted?.total ?? 0n),
    activeCount: Number(counted?.active ?? 0n),
  };
}

function cursorOf({ name, created_at, id }: ListedRow): string {
  return writeCursor([name, created_at, id]);
}

interface DetailRow extends Omit<ListedRow, "team_count"> {
  code: string | null;
  enterprise_name: string;
  credit_type_name: string | null;
  setup_completed_at: Date | null;
  former_slugs: string[];
  owners: bigint;
  admins: bigint;
  billing_admins: bigint;
  members: bigint;
  open_invites: bigint;
  teams: bigint;
  api_keys: bigint;
  wallet_micro: bigint;
  held_micro: bigint;
  spent_micro: bigint;
  postings: bigint;
}

/**
 * One organization as a platform admin sees it: what it is called, how many of what there are, and money; never who is in it
 * or what it is used for (C4). @throws not_found
 */
export async function readForPlatform({ sql }: Database, actor: PlatformActor, organizationId: string) {
  const [row] = await sql<DetailRow[]>`
    SELECT * FROM platform_read_organization(${actor.userId}, ${organizationId})`;
  if (!row) throw new DomainError("not_found");
  return {
    organizationId: row.id,
    name: row.name,
    slug: row.slug,
    formerSlugs: row.former_slugs,
    description: row.description,
    code: row.code,
    status: row.status,
    enterpriseName: row.enterprise_name,
    createdAt: row.created_at.toISOString(),
    isSetUp: row.setup_completed_at !== null,
    counts: {
      owners: Number(row.owners),
      admins: Number(row.admins),
      billingAdmins: Number(row.billing_admins),
      members: Number(row.members),
      openInvites: Number(row.open_invites),
      teams: Number(row.teams),
      apiKeys: Number(row.api_keys),
    },
    money: {
      /** Null: the platform's own credits. */
      creditTypeName: row.credit_type_name,
      balanceMicro: String(row.wallet_micro + row.held_micro),
      heldMicro: String(row.held_micro),
      availableMicro: String(row.wallet_micro),
      /** Since it was made, less what was given back. */
      spentMicro: String(row.spent_micro),
      transactionCount: Number(row.postings),
    },
  };
}
