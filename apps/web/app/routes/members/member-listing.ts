import type { RouterInputs } from "@guildhall/api";
import { ROLES, type Role } from "~/organization/roles";
import { type MemberSeat, SEATS } from "~/organization/seats";

type PageInput = RouterInputs["members"]["page"];

/** The orders of the list, as the address names them: a minus turns one round. */
const SORTS = ["role", "name", "joined"] as const;
export type Sort = (typeof SORTS)[number];

/** What the members' page lists, as its address says: search, role, seat, sort, and where a later part begins. */
export interface MemberListing {
  search: string;
  role: Role | "";
  seat: MemberSeat | "";
  sort: Sort;
  order: "asc" | "desc";
  cursor: string | null;
}

/** Reads the listing from the address. What it does not know is left out. */
export function readListing(search: URLSearchParams): MemberListing {
  const wanted = search.get("sort") ?? "";
  const sort = SORTS.find((one) => one === wanted.replace(/^-/, "")) ?? "role";
  return {
    search: search.get("search")?.trim().slice(0, 100) ?? "",
    role: ROLES.find((known) => known === search.get("role")) ?? "",
    seat: SEATS.find((known) => known === search.get("seat")) ?? "",
    sort,
    order: wanted.startsWith("-") ? "desc" : "asc",
    cursor: search.get("cursor"),
  };
}

/** The listing as the API takes it, without the organization. */
export function toPageInput({
  search,
  role,
  seat,
  sort,
  order,
  cursor,
}: MemberListing): Omit<PageInput, "organization"> {
  return {
    ...(search && { search }),
    ...(role && { role }),
    ...(seat && { seat }),
    ...(cursor && { cursor }),
    sort,
    order,
  };
}

/** The listing as the end of an address, with what differs from it: "" for the plain list. A change leads to the first part. */
export function toSearch(listing: MemberListing, changed: Partial<MemberListing> = {}): string {
  const { search, role, seat, sort, order, cursor } = { ...listing, cursor: null, ...changed };
  const parameters = new URLSearchParams();
  if (search) parameters.set("search", search);
  if (role) parameters.set("role", role);
  if (seat) parameters.set("seat", seat);
  if (sortText({ sort, order }) !== "role") parameters.set("sort", sortText({ sort, order }));
  if (cursor) parameters.set("cursor", cursor);
  const text = parameters.toString();
  return text && `?${text}`;
}

export function sortText({ sort, order }: Pick<MemberListing, "sort" | "order">): string {
  return order === "desc" ? `-${sort}` : sort;
}

/** The address of the list as a file. */
export function exportPath(slug: string, { search, role, seat, sort, order }: MemberListing): string {
  const filter = { ...(search && { search }), ...(role && { role }), ...(seat && { seat }) };
  const parameters = new URLSearchParams({ sort, order, ...filter });
  return `/o/${slug}/members.csv?${parameters}`;
}
