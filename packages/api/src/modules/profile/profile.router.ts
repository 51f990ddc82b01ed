import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { signedInProcedure } from "../../trpc/procedures.ts";
import { personName } from "../identity/index.ts";
import { renamePerson } from "./rename-person.ts";

export const profileRouter = router({
  /** What the caller is called, in all their organizations. */
  rename: signedInProcedure
    .input(z.object({ name: personName }))
    .mutation(({ ctx, input }) => renamePerson(ctx.services, ctx.signedIn.user, { name: input.name })),
});
