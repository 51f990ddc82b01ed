import { isUuid } from "@guildhall/shared";
import { z } from "zod";
import { instant } from "../../instant.ts";

/** What to show of an audit log. Whatever is left out does not limit; what is given must all hold. */
export const auditFilters = z.object({
  /** Id of the person who acted. */
  actor: z.string().refine(isUuid, "Give the id of a person.").optional(),
  /** The kind of thing that was changed: "member" finds member.added, member.removed and so on. */
  kind: z
    .string()
    .regex(/^[a-z][a-z_]{0,39}$/, "Give a kind of action, like member.")
    .optional(),
  /** From then on, that instant included. */
  from: instant.optional(),
  /** Until then, that instant excluded: so days join without overlap. */
  to: instant.optional(),
});

export type AuditFilters = z.infer<typeof auditFilters>;
