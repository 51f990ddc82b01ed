import { data, type LoaderFunctionArgs } from "@remix-run/node";
import { readApiError } from "~/api/read-error";

/** What the slug's field asks while somebody types: a free slug for a name, or whether the typed one is free. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { searchParams } = new URL(request.url);
  const own = searchParams.get("own");
  const slug = searchParams.get("slug");
  const input = {
    name: searchParams.get("name") ?? "",
    ...(slug === null ? {} : { slug }),
    ...(own ? { ownSlug: own } : {}),
  };
  try {
    return { ...(await context.api.organizations.suggestSlug.query(input)), message: null };
  } catch (error) {
    const refused = readApiError(error);
    if (!refused) throw error;
    const message = refused.fieldErrors.slug ?? refused.message;
    return data({ slug: slug ?? "", isAvailable: false, message }, { status: refused.status || 500 });
  }
}
