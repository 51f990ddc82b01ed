import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { readForPage, readMe } from "~/api/session.server";
import { readLastOrganization } from "~/frame/last-organization";

/** Leads to the organization that was open last, to the first one, or to the setup of a new one (S3.5). */
export async function loader({ request, context }: LoaderFunctionArgs) {
  if (!(await readMe(context))) throw redirect("/sign-in");
  const mine = await readForPage(request, context, () => context.api.organizations.mine.query());
  const last = readLastOrganization(request);
  const chosen = mine.find(({ slug }) => slug === last) ?? mine.find(({ isSetUp }) => isSetUp) ?? mine[0];
  if (chosen)
    throw redirect(chosen.isSetUp || chosen.role !== "owner" ? `/o/${chosen.slug}` : `/o/${chosen.slug}/setup`);
  const first = await readForPage(request, context, () => context.api.organizations.ensureFirst.mutate());
  throw redirect(first.isSetUp ? `/o/${first.slug}` : `/o/${first.slug}/setup`);
}
