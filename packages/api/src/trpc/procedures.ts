import { can, type Permission } from "@guildhall/auth";
import { DomainError, isStorable } from "@guildhall/shared";
import { z } from "zod";
import type { PlatformActor } from "../modules/admin/platform-actor.ts";
import { readEnterprise } from "../modules/enterprises/read-enterprise.ts";
import { readActor } from "../modules/organizations/read-actor.ts";
import { requireFactorProof } from "../modules/second-factor/recent-proof.ts";
import { procedure } from "./base-procedure.ts";
import { type CallingUser, originOf } from "./context.ts";

/** For everybody, signed in or not. */
export const publicProcedure = procedure.meta({ access: "public" });

/** For everybody; sets or clears the cookie. Refused over a WebSocket before anything happens: it has no answer to carry one. */
export const cookieProcedure = publicProcedure.use(({ ctx, next }) => {
  if (ctx.transport === "websocket") {
    throw new DomainError("forbidden", {}, "Signing in and out works over HTTP only.");
  }
  return next();
});

/** For a person with a session. The session is read on every call, over a WebSocket too. */
export const signedInProcedure = procedure.meta({ access: "signed_in" }).use(async ({ ctx, next }) => {
  const signedIn = await ctx.readSession();
  if (!signedIn) throw new DomainError("unauthenticated");
  const user: CallingUser = { ...signedIn.user, origin: originOf(ctx) };
  return next({ ctx: { signedIn: { ...signedIn, user } } });
});

/**
 * For a person with a session who, if they have a second factor, has proved by it lately that it is them: changing the address or
 * the password and deleting the account, where the verb asks for the password too. Others get confirmation_required.
 */
export const confirmedProcedure = signedInProcedure.use(async ({ ctx, next }) => {
  await requireFactorProof(ctx.services, ctx.signedIn);
  return next();
});

/** The same, where the answer sets the cookie anew. Refused over a WebSocket. */
export const confirmedCookieProcedure = confirmedProcedure.use(({ ctx, next }) => {
  if (ctx.transport === "websocket") throw new DomainError("forbidden", {}, "This works over HTTP only.");
  return next();
});

/** Names the organization that a call is about, by its slug: what the URL carries. */
const organizationInput = z.object({ organization: z.string().min(1).max(48) });

/**
 * For a member whose role holds the permission. Membership and role are read on every call. A stranger gets not_found,
 * the same as for an organization that does not exist.
 */
export function organizationProcedure(permission: Permission) {
  return signedInProcedure
    .meta({ access: permission })
    .input(organizationInput)
    .use(async ({ ctx, input, next }) => {
      // What is no slug names no organization; it is not worth a look into the database, nor fit for one.
      if (!isStorable(input.organization)) throw new DomainError("not_found");
      const actor = await readActor(ctx.services.db, ctx.signedIn.user, input.organization);
      if (!actor) throw new DomainError("not_found");
      if (!can(actor.role, permission)) throw new DomainError("forbidden", { role: actor.role, permission });
      return next({ ctx: { actor } });
    });
}

/**
 * For an admin of the enterprise that the call names by its slug. Everybody else gets not_found.
 *
 * The enterprise itself requires no second factor. An organization's requirement holds where a call changes something for it: whoever
 * has none can neither rename nor delete a team that is assigned there, nor change who is in it and so may spend from its
 * wallet (second_factor_required, `withTeam`), nor make anybody an admin who could in their place (`addEnterpriseAdmin`). Free teams,
 * those of other organizations, credit types and removing an admin are no business of that organization, so nobody is kept out
 * of them by it.
 */
export const enterpriseProcedure = signedInProcedure
  .meta({ access: "enterprise_admin" })
  .input(z.object({ enterprise: z.string().min(1).max(64) }))
  .use(async ({ ctx, input, next }) => {
    const enterprise = await readEnterprise(ctx.services.db, ctx.signedIn.user.id, input.enterprise);
    if (!enterprise) throw new DomainError("not_found");
    return next({ ctx: { enterprise: { ...enterprise, origin: ctx.signedIn.user.origin } } });
  });

/** For a platform admin, who is above all organizations and a member of none by it. Everybody else gets not_found. */
export const platformProcedure = signedInProcedure.meta({ access: "platform_admin" }).use(async ({ ctx, next }) => {
  const { id: userId, isPlatformAdmin, origin } = ctx.signedIn.user;
  if (!isPlatformAdmin) throw new DomainError("not_found");
  const platform: PlatformActor = { userId, origin };
  return next({ ctx: { platform } });
});
