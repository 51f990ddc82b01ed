import { allApiKeyScopes } from "@guildhall/auth";
import { isPlainLine } from "@guildhall/shared";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure } from "../../trpc/procedures.ts";
import { listApiKeys } from "./api-keys.queries.ts";
import { createApiKey } from "./create-api-key.ts";
import { revokeApiKey } from "./revoke-api-key.ts";

const name = z
  .string()
  .trim()
  .min(1, "Give the key a name.")
  .max(100, "Shorten the name to 100 characters.")
  .refine(isPlainLine, "Leave out control characters and line breaks.");

const scopes = z
  .array(z.enum(allApiKeyScopes, "There is no such scope."), "Choose what the key may do.")
  .min(1, "Choose at least one thing that the key may do.")
  .max(100, "Name each scope once.");

export const apiKeysRouter = router({
  list: organizationProcedure("api_keys.manage").query(({ ctx }) =>
    listApiKeys(ctx.services.db, ctx.actor.organizationId),
  ),

  create: organizationProcedure("api_keys.manage")
    .input(z.object({ name, scopes }))
    .mutation(({ ctx, input }) => createApiKey(ctx.services, ctx.actor, { name: input.name, scopes: input.scopes })),

  revoke: organizationProcedure("api_keys.manage")
    .input(z.object({ apiKeyId: z.uuid("This is not the id of an API key.") }))
    .mutation(({ ctx, input }) => revokeApiKey(ctx.services, ctx.actor, { apiKeyId: input.apiKeyId })),
});
