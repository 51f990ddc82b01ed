import { data, type LoaderFunctionArgs } from "@remix-run/node";
import type { ApiClient, LoadContext } from "./load-context";
import { type Refusal, readForPage, readOrganization } from "./session.server";
import type { Organization } from "./types";

/** What the loader of an organization's page is given. */
export interface OrganizationPage {
  api: ApiClient;
  organization: Organization;
  slug: string;
  /** What stands in the address beside the slug. */
  params: Readonly<Record<string, string | undefined>>;
  url: URL;
  request: Request;
  context: LoadContext;
}

/**
 * Makes the loader of an organization's page. The organization is read first: its place in the log (`asOf`) is then no later
 * than anything the page reads, so live events after it are merged and none is missed.
 */
export function organizationLoader<T extends object>(
  load: (page: OrganizationPage) => Promise<T>,
  permission?: string,
) {
  return async ({ request, context, params }: LoaderFunctionArgs) => {
    const slug = params.slug ?? "";
    const organization = await readOrganization(request, context, slug);
    if (permission && !organization.permissions.some((held) => held === permission)) {
      const refusal: Refusal = {
        code: "forbidden",
        message: "Your role does not open this page.",
        requestId: context.requestId,
        permission,
        role: organization.role,
      };
      throw data(refusal, { status: 403 });
    }
    const page = { api: context.api, organization, slug, params, url: new URL(request.url), request, context };
    const loaded = await readForPage(request, context, () => load(page));
    return { ...loaded, asOf: organization.logSequence };
  };
}
