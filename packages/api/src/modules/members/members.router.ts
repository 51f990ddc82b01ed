import { roles } from "@guildhall/auth";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure } from "../../trpc/procedures.ts";
import { MOST_AT_ONCE } from "./bulk-outcome.ts";
import { changeRole } from "./change-role.ts";
import { changeRoles } from "./change-roles.ts";
import { leaveOrganization } from "./leave-organization.ts";
import { memberSorts } from "./member-order.ts";
import { memberSeats } from "./member-seat.ts";
import { readMemberPage, readMembers } from "./members.queries.ts";
import { removeMember } from "./remove-member.ts";
import { removeMembers } from "./remove-members.ts";

const userId = z.uuid("This is not the id of a person.");
const role = z.enum(roles, "Choose one of the roles.");
const filter = z.object({
  search: z.string().trim().max(100).optional(),
  role: z.enum(roles).optional(),
  seat: z.enum(memberSeats).optional(),
});
const change = z.object({ userId, role, from: role.optional() });
const tooMany = `At most ${MOST_AT_ONCE} people at once.`;

export const membersRouter = router({
  /** The whole roster, for choosing somebody. */
  list: organizationProcedure("members.read")
    .input(filter)
    .query(({ ctx, input: { organization: _, ...wanted } }) => readMembers(ctx.services.db, ctx.actor, wanted)),

  /** The roster page by page, in an order. */
  page: organizationProcedure("members.read")
    .input(
      filter.extend({
        sort: z.enum(memberSorts).default("role"),
        order: z.enum(["asc", "desc"]).default("asc"),
        cursor: z.string().max(1_000).optional(),
        limit: z.number().int().min(1).max(500).default(50),
      }),
    )
    .query(({ ctx, input: { organization: _, ...page } }) => readMemberPage(ctx.services.db, ctx.actor, page)),

  changeRole: organizationProcedure("members.change_role")
    .input(change)
    .mutation(({ ctx, input: { organization: _, ...input } }) => changeRole(ctx.services, ctx.actor, input)),

  changeRoles: organizationProcedure("members.change_role")
    .input(z.object({ changes: z.array(change).min(1, "Choose at least one person.").max(MOST_AT_ONCE, tooMany) }))
    .mutation(({ ctx, input: { changes } }) => changeRoles(ctx.services, ctx.actor, { changes })),

  remove: organizationProcedure("members.remove")
    .input(z.object({ userId }))
    .mutation(({ ctx, input }) => removeMember(ctx.services, ctx.actor, { userId: input.userId })),

  removeMany: organizationProcedure("members.remove")
    .input(z.object({ userIds: z.array(userId).min(1, "Choose at least one person.").max(MOST_AT_ONCE, tooMany) }))
    .mutation(({ ctx, input: { userIds } }) => removeMembers(ctx.services, ctx.actor, { userIds })),

  /** Ends the caller's own membership. Everybody may, except for the last owner. */
  leave: organizationProcedure("organization.read").mutation(({ ctx }) => leaveOrganization(ctx.services, ctx.actor)),
});
