import { Lock } from "lucide-react";
import { holdersOf, roleLabel } from "~/organization/roles";
import { EmptyState } from "./empty-state";

/** In the place of a list that the reader's role does not open: which role does, and who can give it. */
export function Forbidden({ what, permission, role }: { what: string; permission: string; role: string }) {
  return (
    <EmptyState icon={Lock} title={`${what} are open to ${holdersOf(permission)}`}>
      You are {roleLabel(role)} here. An owner or an admin can change your role.
    </EmptyState>
  );
}
