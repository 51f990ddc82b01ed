import { permissionsOf } from "@guildhall/auth/permissions";
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
      case "organization.slug_changed":
        return { ...organization, slug: event.payload.slug };
      case "organization.second_factor_changed":
        return { ...organization, requiresSecondFactor: event.payload.isRequired };
      case "member.added":
      case "teams.changed":
      case "team.assigned":
      case "team.renamed":
      case "team.removed":
        return REFETCH;
      case "member.removed":
        // After their own removal nothing can be read any more; the page says so instead.
        return event.payload.userId === myUserId ? organization : REFETCH;
      case "member.role_changed":
        // At once, so that no action outlives its right; what else depends on the role is loaded anew meanwhile.
        if (event.payload.userId !== myUserId) return organization;
        return { ...organization, role: event.payload.role, permissions: permissionsOf(event.payload.role) };
      default:
        return organization;
    }
  };
}
