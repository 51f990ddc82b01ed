import { roles } from "@guildhall/auth";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure } from "../../trpc/procedures.ts";
import { changeRole } from "./change-role.ts";
import { readMembers } from "./members.queries.ts";
import { removeMember } from "./remove-member.ts";

const userId = z.uuid("This is not the id of a person.");

export const membersRouter = router({
  list: organizationProcedure("members.read")
    .input(z.object({ search: z.string().trim().max(100).optional(), role: z.enum(roles).optional() }))
    .query(({ ctx, input: { search, role } }) => readMembers(ctx.services.db, ctx.actor, { search, role })),

  changeRole: organizationProcedure("members.change_role")
    .input(z.object({ userId, role: z.enum(roles, "Choose one of the roles.") }))
    .mutation(({ ctx, input: { userId, role } }) => changeRole(ctx.services, ctx.actor, { userId, role })),

  remove: organizationProcedure("members.remove")
    .input(z.object({ userId }))
    .mutation(({ ctx, input: { userId } }) => removeMember(ctx.services, ctx.actor, { userId })),
});
