import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { ListPlus, UserPlus } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink } from "~/components/button";
import { PageHeader } from "~/components/page-header";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { INVITE_STATES } from "~/organization/invite-states";
import { useOrganization } from "~/organization/organization-context";
import { HandOver, InviteDialog } from "./invite-dialog";
import { InviteTable } from "./invite-table";
import { manageInvites } from "./invites-action.server";
import { RevokeDialog } from "./revoke-dialog";
import { readSent } from "./types";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Invites · Guildhall" }];

export const loader = organizationLoader(async ({ api, slug, url }) => {
  const search = url.searchParams.get("search")?.trim().slice(0, 100) || undefined;
  const state = INVITE_STATES.find((known) => known === url.searchParams.get("state"));
  const cursor = url.searchParams.get("before") ?? undefined;
  const wanted = { ...(search ? { search } : {}), ...(state ? { states: [state] } : {}) };
  const [page, means] = await Promise.all([
    api.invites.list.query({ organization: slug, ...wanted, ...(cursor ? { cursor } : {}) }),
    api.invites.means.query({ organization: slug }),
  ]);
  return { page, means, search: search ?? "", state: state ?? null, cursor: cursor ?? null };
}, "invites.manage");

export async function action({ request, context, params }: ActionFunctionArgs) {
  return manageInvites(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

/** Everybody who was ever invited, what became of it, and what can be done about it. */
export default function InvitesPage() {
  const { page, means, search, state, cursor, asOf } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const { organization } = useOrganization();
  const [parameters] = useSearchParams();
  const sent = readSent(answer);
  const closeTo = withoutDialog(`/o/${organization.slug}/invites`, parameters);
  const dialog = sent ? "hand-over" : parameters.get("dialog");
  const chosen = page.items.find(({ inviteId }) => inviteId === parameters.get("invite"));
  return (
    <>
      <PageHeader
        title="Invites"
        description={`Who was invited into ${organization.name}, and what became of it.`}
        actions={
          <>
            <ButtonLink to={`/o/${organization.slug}/invites/many`}>
              <ListPlus aria-hidden className="size-4" />
              Invite many
            </ButtonLink>
            <ButtonLink look="primary" to="?dialog=invite" preventScrollReset>
              <UserPlus aria-hidden className="size-4" />
              Invite
            </ButtonLink>
          </>
        }
      />
      <InviteTable {...{ fresh: page, search, state, cursor, asOf, answer }} />
      {sent && <HandOver {...sent} means={means} closeTo={closeTo} />}
      {dialog === "invite" && <InviteDialog answer={answer} means={means} closeTo={closeTo} again={chosen} />}
      {dialog === "revoke" && chosen?.state === "pending" && (
        <RevokeDialog invite={chosen} answer={answer} closeTo={closeTo} />
      )}
    </>
  );
}

function withoutDialog(path: string, parameters: URLSearchParams): string {
  const kept = new URLSearchParams(parameters);
  kept.delete("dialog");
  kept.delete("invite");
  const query = kept.toString();
  return query ? `${path}?${query}` : path;
}
