import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { completeSetup } from "./complete-setup.ts";
import { createOrganization } from "./create-organization.ts";
import { ensureFirstOrganization } from "./ensure-first-organization.ts";
import { idempotencyKey, organizationName, organizationSlug } from "./organization-input.ts";
import { isSlugFree, readMine, readOrganization, suggestSlug } from "./organizations.queries.ts";
import { renameOrganization } from "./rename-organization.ts";
import { readSecondFactorGap, requireSecondFactor } from "./require-second-factor.ts";

export const organizationsRouter = router({
  mine: signedInProcedure.query(({ ctx }) => readMine(ctx.services.db, ctx.signedIn.user.id)),

  get: organizationProcedure("organization.read").query(({ ctx }) => readOrganization(ctx.services.db, ctx.actor)),

  ensureFirst: signedInProcedure.mutation(({ ctx }) => ensureFirstOrganization(ctx.services, ctx.signedIn.user)),

  create: signedInProcedure
    .input(
      z.object({
        name: organizationName,
        slug: organizationSlug.optional(),
        /** One of the enterprise's; the platform's own credits when left out. */
        creditTypeId: z.uuid("Choose one of the credit types.").optional(),
        idempotencyKey,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { slug } = await createOrganization(ctx.services, ctx.signedIn.user, { ...input, isSetUp: true });
      return { slug };
    }),

  /** Without `slug`, a free slug for the name; with it, whether that one is free (the organization's own counts as free). */
  suggestSlug: signedInProcedure
    .input(
      z.object({ name: z.string().max(200), slug: organizationSlug.optional(), ownSlug: organizationSlug.optional() }),
    )
    .query(async ({ ctx, input }) => {
      const { db } = ctx.services;
      if (input.slug === undefined) return { ...(await suggestSlug(db, input)), isAvailable: true };
      return { slug: input.slug, isAvailable: input.slug === input.ownSlug || (await isSlugFree(db, input.slug)) };
    }),

  completeSetup: organizationProcedure("organization.setup")
    .input(z.object({ name: organizationName, slug: organizationSlug }))
    .mutation(({ ctx, input: { name, slug } }) => completeSetup(ctx.services, ctx.actor, { name, slug })),

  rename: organizationProcedure("organization.rename")
    .input(z.object({ name: organizationName }))
    .mutation(({ ctx, input: { name } }) => renameOrganization(ctx.services, ctx.actor, { name })),

  secondFactorGap: organizationProcedure("organization.secure").query(({ ctx }) =>
    readSecondFactorGap(ctx.services, ctx.actor),
  ),

  requireSecondFactor: organizationProcedure("organization.secure")
    .input(z.object({ isRequired: z.boolean() }))
    .mutation(({ ctx, input: { isRequired } }) => requireSecondFactor(ctx.services, ctx.actor, { isRequired })),
});
