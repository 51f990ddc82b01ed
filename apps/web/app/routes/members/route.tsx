import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { ShieldQuestion, UserPlus } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink } from "~/components/button";
import { PageHeader } from "~/components/page-header";
import { DownloadLink } from "~/downloads/download-tray";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { memberCountText } from "~/organization/counts";
import { useOrganization } from "~/organization/organization-context";
import { BulkResult } from "./bulk-result";
import { MemberFilter } from "./member-filter";
import { MemberList } from "./member-list";
import { exportPath, readListing, toPageInput, toSearch } from "./member-listing";
import { manageMembers } from "./members-action.server";
import { OpenInvites } from "./open-invites";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Members · Guildhall" }];

export const loader = organizationLoader(async ({ api, organization, slug, url }) => {
  const listing = readListing(url.searchParams);
  const mayInvite = organization.permissions.includes("invites.manage");
  const [members, invites] = await Promise.all([
    api.members.page.query({ organization: slug, ...toPageInput(listing) }),
    mayInvite ? api.invites.list.query({ organization: slug, states: ["pending"] }) : null,
  ]);
  return { members, invites, listing };
}, "members.read");

export async function action({ request, context, params }: ActionFunctionArgs) {
  return manageMembers(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

export default function MembersPage() {
  const { members, invites, listing, asOf } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const { organization, may } = useOrganization();
  const path = `/o/${organization.slug}/members`;
  const here = path + toSearch(listing, { cursor: listing.cursor });
  return (
    <>
      <Header />
      <div className="grid gap-6">
        <div className="grid gap-3">
          <div className="flex flex-wrap items-start justify-between gap-2">
            <MemberFilter listing={listing} path={path} />
            {may("members.export") && (
              <DownloadLink url={exportPath(organization.slug, listing)} label={`Members of ${organization.name}`}>
                Export CSV
              </DownloadLink>
            )}
          </div>
          <BulkResult answer={answer} path={here} />
          <MemberList
            key={toSearch(listing, { cursor: listing.cursor })}
            {...{ fresh: members, listing, asOf, answer, path }}
          />
        </div>
        {invites && <OpenInvites fresh={invites} asOf={asOf} />}
      </div>
    </>
  );
}

function Header() {
  const { organization, may } = useOrganization();
  return (
    <PageHeader
      title="Members"
      description={`${memberCountText(organization.memberCount)} of ${organization.name}, with their roles and seats.`}
      actions={
        <>
          <ButtonLink look="quiet" to={`/o/${organization.slug}/roles`}>
            <ShieldQuestion aria-hidden className="size-4" />
            What can each role do?
          </ButtonLink>
          {may("invites.manage") && (
            <ButtonLink look="primary" to={`/o/${organization.slug}/invites?dialog=invite`}>
              <UserPlus aria-hidden className="size-4" />
              Invite
            </ButtonLink>
          )}
        </>
      }
    />
  );
}
