import type { CallingUser, Services } from "../../trpc/context.ts";
import { type CreatedOrganization, createOrganization } from "./create-organization.ts";
import { readMine } from "./organizations.queries.ts";

/**
 * Gives a person who belongs to no organization their first one, to be set up (S3.5). Whoever belongs to one already
 * gets that. Idempotent, also in two tabs at once.
 */
export async function ensureFirstOrganization(
  services: Services,
  user: CallingUser,
): Promise<Pick<CreatedOrganization, "slug" | "isSetUp">> {
  const [first] = await readMine(services.db, user.id);
  if (first) return { slug: first.slug, isSetUp: first.isSetUp };
  return createOrganization(services, user, {
    name: `${user.name}’s organization`.slice(0, 100),
    idempotencyKey: "first",
    isSetUp: false,
  });
}
