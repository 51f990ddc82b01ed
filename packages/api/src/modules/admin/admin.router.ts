import { isPlainLine } from "@guildhall/shared";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { platformProcedure } from "../../trpc/procedures.ts";
import { emailAddress } from "../identity/index.ts";
import { organizationSlug } from "../organizations/index.ts";
import { requireRecentProof } from "../second-factor/index.ts";
import { organizationSorts, readForPlatform, searchOrganizations } from "./admin.queries.ts";
import { changeSlug } from "./change-slug.ts";
import { findPerson, readPerson } from "./people.queries.ts";
import { resetSecondFactor } from "./reset-second-factor.ts";

const organizationId = z.uuid("This is not the id of an organization.").toLowerCase();

const search = z.object({
  search: z.string().trim().max(100, "Search for at most 100 characters.").default(""),
  sort: z.enum(organizationSorts).default("name"),
  cursor: z.string().max(1_000).optional(),
  limit: z.int().min(1).max(100).default(50),
});

const reasonFor = (log: string) =>
  z
    .string()
    .trim()
    .min(1, `Say why: it stands in the ${log}.`)
    .max(300, "The reason can have at most 300 characters.")
    .refine(isPlainLine, "Leave out control characters and line breaks.");

const changeOfSlug = z.object({
  organizationId,
  slug: organizationSlug,
  reason: reasonFor("organization’s audit log"),
});

const userId = z.uuid("This is not the id of a person.").toLowerCase();
const factorReset = z.object({ userId, email: emailAddress, reason: reasonFor("person’s audit log") });

/** For platform admins: counts and money of every organization, never its content (C4), and people who have lost their second factor. */
export const adminRouter = router({
  organizations: platformProcedure
    .input(search)
    .query(({ ctx, input }) => searchOrganizations(ctx.services.db, ctx.platform, input)),

  organization: platformProcedure
    .input(z.object({ organizationId }))
    .query(({ ctx, input }) => readForPlatform(ctx.services.db, ctx.platform, input.organizationId)),

  changeSlug: platformProcedure
    .input(changeOfSlug)
    .mutation(({ ctx, input: { organizationId, slug, reason } }) =>
      changeSlug(ctx.services, ctx.platform, { organizationId, slug, reason }),
    ),

  findPerson: platformProcedure
    .input(z.object({ email: emailAddress }))
    .query(({ ctx, input }) => findPerson(ctx.services, ctx.platform, { email: input.email })),

  person: platformProcedure
    .input(z.object({ userId }))
    .query(({ ctx, input }) => readPerson(ctx.services, ctx.platform, input.userId)),

  resetSecondFactor: platformProcedure
    .input(factorReset)
    .use(async ({ ctx, next }) => {
      // Whoever finds an admin's session open must not open accounts with it.
      await requireRecentProof(ctx.services, ctx.signedIn);
      return next();
    })
    .mutation(({ ctx, input: { userId, email, reason } }) =>
      resetSecondFactor(ctx.services, ctx.platform, { userId, email, reason }),
    ),
});
