import { LONGEST_EMAIL } from "@guildhall/auth";
import { isPlainLine } from "@guildhall/shared";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { enterpriseProcedure, organizationProcedure } from "../../trpc/procedures.ts";
import { idempotencyKey } from "../organizations/index.ts";
import { addTeamMember } from "./add-team-member.ts";
import { assignTeam } from "./assign-team.ts";
import { createTeam } from "./create-team.ts";
import { deleteTeam } from "./delete-team.ts";
import { removeTeam } from "./remove-team.ts";
import { removeTeamMember } from "./remove-team-member.ts";
import { renameTeam } from "./rename-team.ts";
import {
  readAssignableTeams,
  readAssignedTeams,
  readTeam,
  readTeamPeople,
  readTeamsOfEnterprise,
} from "./teams.queries.ts";

const teamId = z.uuid("Choose one of the teams.");
const userId = z.uuid("This is not the id of a person.");
const teamName = z
  .string()
  .trim()
  .min(1, "Give the team a name.")
  .max(100, "The name can have at most 100 characters.")
  .refine(isPlainLine, "Leave out control characters and line breaks.");
const email = z
  .string()
  .trim()
  .max(LONGEST_EMAIL, `The e-mail can have at most ${LONGEST_EMAIL} characters.`)
  .pipe(z.email("Enter an e-mail like ada@example.com."));

/** A part of a list in the order of its names. */
const part = z.object({
  search: z.string().trim().max(100).optional(),
  cursor: z.string().max(1_000).optional(),
  limit: z.number().int().min(1).max(500).default(50),
});

export const teamsRouter = router({
  /** The teams assigned to an organization, part by part. */
  list: organizationProcedure("teams.read")
    .input(part)
    .query(({ ctx, input: { organization: _, ...wanted } }) =>
      readAssignedTeams(ctx.services.db, ctx.actor, { ...wanted, now: ctx.services.clock.now() }),
    ),

  people: organizationProcedure("teams.read")
    .input(part.extend({ teamId }))
    .query(({ ctx, input: { organization: _, ...wanted } }) =>
      readTeamPeople(ctx.services.db, ctx.actor, { ...wanted, now: ctx.services.clock.now() }),
    ),

  assignable: organizationProcedure("teams.assign").query(({ ctx }) => readAssignableTeams(ctx.services.db, ctx.actor)),

  assign: organizationProcedure("teams.assign")
    .input(z.object({ teamId }))
    .mutation(({ ctx, input }) => assignTeam(ctx.services, ctx.actor, { teamId: input.teamId })),

  remove: organizationProcedure("teams.assign")
    .input(z.object({ teamId }))
    .mutation(({ ctx, input }) => removeTeam(ctx.services, ctx.actor, { teamId: input.teamId })),

  /** The teams of an enterprise, part by part, for its admins; so is what follows. */
  ofEnterprise: enterpriseProcedure
    .input(part)
    .query(({ ctx, input: { enterprise: _, ...wanted } }) =>
      readTeamsOfEnterprise(ctx.services.db, ctx.enterprise, wanted),
    ),

  /** One team with a part of its people. */
  get: enterpriseProcedure
    .input(part.extend({ teamId }))
    .query(({ ctx, input: { enterprise: _, ...wanted } }) => readTeam(ctx.services.db, ctx.enterprise, wanted)),

  create: enterpriseProcedure
    .input(z.object({ name: teamName, idempotencyKey }))
    .mutation(({ ctx, input: { name, idempotencyKey } }) =>
      createTeam(ctx.services, ctx.enterprise, { name, idempotencyKey }),
    ),

  rename: enterpriseProcedure
    .input(z.object({ teamId, name: teamName }))
    .mutation(({ ctx, input: { teamId, name } }) => renameTeam(ctx.services, ctx.enterprise, { teamId, name })),

  delete: enterpriseProcedure
    .input(z.object({ teamId, typedName: z.string().max(200, "This is not the team’s name.") }))
    .mutation(({ ctx, input: { teamId, typedName } }) =>
      deleteTeam(ctx.services, ctx.enterprise, { teamId, typedName }),
    ),

  addMember: enterpriseProcedure
    .input(z.object({ teamId, email }))
    .mutation(({ ctx, input: { teamId, email } }) => addTeamMember(ctx.services, ctx.enterprise, { teamId, email })),

  removeMember: enterpriseProcedure
    .input(z.object({ teamId, userId }))
    .mutation(({ ctx, input: { teamId, userId } }) =>
      removeTeamMember(ctx.services, ctx.enterprise, { teamId, userId }),
    ),
});
