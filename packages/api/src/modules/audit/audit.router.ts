import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { listAudit, listAuditActors, listOwnAudit } from "./audit.queries.ts";
import { auditFilters } from "./audit-filters.ts";

const page = auditFilters.extend({
  cursor: z
    .string()
    .regex(/^\d{1,18}$/, "This is not the cursor of a page.")
    .optional(),
  limit: z.int().min(1).max(100).default(50),
});

export const auditRouter = router({
  list: organizationProcedure("audit.read")
    .input(page)
    .query(({ ctx, input }) => listAudit(ctx.services.db, ctx.actor.organizationId, input)),

  /** Whom the log can be filtered by. */
  actors: organizationProcedure("audit.read").query(({ ctx }) =>
    listAuditActors(ctx.services.db, ctx.actor.organizationId),
  ),

  /** The caller's own log: what belongs to them and to no organization. */
  mine: signedInProcedure
    .input(page)
    .query(({ ctx, input }) => listOwnAudit(ctx.services.db, ctx.signedIn.user.id, input)),
});
