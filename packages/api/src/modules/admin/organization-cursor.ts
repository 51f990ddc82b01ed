import { isStorable, isUuid } from "@guildhall/shared";

/** How the list of all organizations is sorted: by name from A on, or by age with the newest first. */
export const organizationSorts = ["name", "created"] as const;
export type OrganizationSort = (typeof organizationSorts)[number];

/** A place in the list of all organizations: the row that the next page begins behind. */
export interface OrganizationPlace {
  name: string;
  createdAt: Date;
  id: string;
}

/** Writes a place as a text for an address. It says nothing that the page in front of it did not. */
export function writeCursor({ name, createdAt, id }: OrganizationPlace): string {
  return Buffer.from(JSON.stringify([name, createdAt.toISOString(), id])).toString("base64url");
}

/** Reads a place back; undefined for a text that nobody here wrote. */
export function readCursor(text: string): OrganizationPlace | undefined {
  try {
    const [name, at, id]: unknown[] = JSON.parse(Buffer.from(text, "base64url").toString());
    const createdAt = new Date(String(at));
    if (typeof name !== "string" || typeof id !== "string" || !isUuid(id) || !isStorable(name)) return undefined;
    return Number.isNaN(createdAt.getTime()) ? undefined : { name, createdAt, id };
  } catch {
    return undefined;
  }
}
