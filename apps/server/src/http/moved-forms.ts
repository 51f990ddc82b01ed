import { type RunningServices, readActor } from "@guildhall/api/server";
import { isDomainError } from "@guildhall/shared";
import type { MiddlewareHandler } from "hono";
import type { HttpVariables } from "./variables.ts";

/** An organization's page, as a document or as the data that scripts ask for. */
const PAGE = /^\/o\/([a-z0-9-]{1,48})(?=[/.]|$)/;

/**
 * Sends a form that was meant for an organization's old address to its new one, with its content (307): what came back refused
 * then stands on the right page. Reading needs no help: pages themselves lead on. Only for members; everybody else finds what
 * they would find anyway. Not for good: an organization may come back to an old slug.
 */
export function forwardMovedForms({
  db,
}: Pick<RunningServices, "db">): MiddlewareHandler<{ Variables: HttpVariables }> {
  return async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    const [, slug = ""] = PAGE.exec(pathname) ?? [];
    const signedIn = c.get("signedIn");
    if (c.req.method !== "POST" || !slug || !signedIn) return next();
    const actor = await readActor(db, signedIn.user, slug).catch(leaveToPage);
    if (!actor || actor.slug === slug) return next();
    return c.redirect(`${pathname.replace(PAGE, `/o/${actor.slug}`)}${search}`, 307);
  };
}

/** A refusal is told by the page itself, better than from here. */
function leaveToPage(error: unknown): undefined {
  if (!isDomainError(error)) throw error;
}
