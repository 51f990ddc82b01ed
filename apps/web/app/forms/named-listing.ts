/** Which part of a list in the order of names a page shows, as its address says. */
export interface NamedListing {
  search: string;
  /** Where the part begins; null for the first. */
  cursor: string | null;
}

/** Reads the listing from an address. */
export function readNamedListing(parameters: URLSearchParams): NamedListing {
  return { search: parameters.get("search")?.trim().slice(0, 100) ?? "", cursor: parameters.get("cursor") };
}

/** The listing as the API takes it. */
export function toNamedPart({ search, cursor }: NamedListing) {
  return { ...(search && { search }), ...(cursor && { cursor }) };
}

/** The listing as the end of an address, with what else it shall say (which dialog is open). A null leaves something out. */
export function namedSearch(listing: NamedListing, more: Record<string, string | null> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...listing, ...more })) if (value) parameters.set(name, value);
  const text = parameters.toString();
  return text && `?${text}`;
}
