import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useSubmit } from "@remix-run/react";
import { Search, UserPlus } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { Button, ButtonLink } from "~/components/button";
import { PageHeader } from "~/components/page-header";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { memberCountText } from "~/organization/counts";
import { useOrganization } from "~/organization/organization-context";
import { ROLES, roleLabel } from "~/organization/roles";
import { MemberDialogs } from "./member-dialogs";
import { MemberList } from "./member-list";
import { manageMembers } from "./members-action.server";
import { OpenInvites } from "./open-invites";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Members · Guildhall" }];

export const loader = organizationLoader(async ({ api, organization, slug, url }) => {
  const search = url.searchParams.get("search")?.trim() || undefined;
  const role = ROLES.find((known) => known === url.searchParams.get("role"));
  const mayInvite = organization.permissions.includes("invites.manage");
  const [members, invites] = await Promise.all([
    api.members.list.query({ organization: slug, ...(search ? { search } : {}), ...(role ? { role } : {}) }),
    mayInvite ? api.invites.list.query({ organization: slug, states: ["pending"] }) : null,
  ]);
  return { members, invites, filter: { ...(search ? { search } : {}), ...(role ? { role } : {}) } };
}, "members.read");

export async function action({ request, context, params }: ActionFunctionArgs) {
  return manageMembers(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

export default function MembersPage() {
  const { members, invites, filter, asOf } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const { organization, may } = useOrganization();
  return (
    <>
      <PageHeader
        title="Members"
        description={`${memberCountText(organization.memberCount)} of ${organization.name}, with their roles.`}
        actions={
          may("invites.manage") && (
            <ButtonLink look="primary" to={`/o/${organization.slug}/invites?dialog=invite`}>
              <UserPlus aria-hidden className="size-4" />
              Invite
            </ButtonLink>
          )
        }
      />
      <div className="grid gap-6">
        <div className="grid gap-3">
          <MemberFilter search={filter.search ?? ""} role={filter.role ?? ""} />
          <MemberList fresh={members} filter={filter} asOf={asOf} />
        </div>
        {invites && <OpenInvites fresh={invites} asOf={asOf} />}
      </div>
      <MemberDialogs members={members} answer={answer} />
    </>
  );
}

/** Search and role stand in the address. With JavaScript they apply while typing, without it on a button. */
function MemberFilter({ search, role }: { search: string; role: string }) {
  const submit = useSubmit();
  return (
    <Form
      method="get"
      role="search"
      className="flex flex-wrap gap-2"
      onChange={(event) => submit(event.currentTarget, { replace: true, preventScrollReset: true })}
    >
      <div className="relative min-w-48 flex-1 sm:max-w-72">
        <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-ink-faint" />
        <input
          type="search"
          name="search"
          aria-label="Search members"
          placeholder="Name or e-mail"
          defaultValue={search}
          maxLength={100}
          className="h-9 w-full rounded-md border border-line-control bg-surface pr-2 pl-8"
        />
      </div>
      <select
        name="role"
        aria-label="Role"
        defaultValue={role}
        className="h-9 rounded-md border border-line-control bg-surface px-2"
      >
        <option value="">All roles</option>
        {ROLES.map((value) => (
          <option key={value} value={value}>
            {roleLabel(value)}
          </option>
        ))}
      </select>
      <noscript>
        <Button type="submit">Search</Button>
      </noscript>
    </Form>
  );
}
