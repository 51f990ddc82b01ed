/** What the list of all organizations is asked for; all of it stands in the address. */
export interface OrganizationSearch {
  /** A part of the name or the slug. */
  search: string;
  sort: "name" | "created";
  /** Where the page begins; left out on the first one. */
  cursor?: string | undefined;
}

/** Reads a search from the page's address. What no page of ours wrote counts as left out. */
export function readSearch({ searchParams }: URL): OrganizationSearch {
  const cursor = searchParams.get("after")?.slice(0, 1_000);
  return {
    search: (searchParams.get("search") ?? "").trim().slice(0, 100),
    sort: searchParams.get("sort") === "created" ? "created" : "name",
    ...(cursor ? { cursor } : {}),
  };
}

/** The address of a search. */
export function addressOf({ search, sort, cursor }: OrganizationSearch): string {
  const query = new URLSearchParams({
    ...(search ? { search } : {}),
    ...(sort === "name" ? {} : { sort }),
    ...(cursor ? { after: cursor } : {}),
  }).toString();
  return `/admin/organizations${query ? `?${query}` : ""}`;
}
