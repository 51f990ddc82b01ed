import type { Organization } from "~/api/types";
import { type Merge, REFETCH } from "./merge";

/** Keeps the organization itself up to date. Counts and the reader's own role are read again: an event says only what changed. */
export function mergeOrganization(myUserId: string): Merge<Organization> {
  return (organization, event) => {
    switch (event.type) {
      case "organization.renamed":
        return { ...organization, name: event.payload.name };
      case "organization.set_up":
        return { ...organization, ...event.payload, isSetUp: true };
      case "member.added":
      case "member.removed":
        return REFETCH;
      case "member.role_changed":
        return event.payload.userId === myUserId ? REFETCH : organization;
      default:
        return organization;
    }
  };
}
