import { data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Outlet, useLoaderData, useRouteError } from "@remix-run/react";
import { useMemo } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import { readForPage, readOrganization } from "~/api/session.server";
import { ErrorPage } from "~/frame/error-page";
import { rememberOrganization, useRememberedOrganization } from "~/frame/last-organization";
import { usePortal } from "~/frame/portal-context";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { FeedProvider } from "~/live/feed-context";
import { mergeOrganization } from "~/live/merge-organization";
import { mergeWallet } from "~/live/merge-wallet";
import { useLive } from "~/live/use-live";
import { useLiveData } from "~/live/use-live-data";
import { OrganizationProvider } from "~/organization/organization-context";
import { AccessEnded } from "./access-ended";
import { RoleNotice } from "./role-notice";
import { isSecondFactorMissing, SecondFactorRequired } from "./second-factor-required";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction<typeof loader> = ({ data: loaded }) => [
  { title: loaded ? `${loaded.organization.name} · Guildhall` : "Guildhall" },
];

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const slug = params.slug ?? "";
  const organization = await readOrganization(request, context, slug);
  const wallet = await readForPage(request, context, () => context.api.wallets.summary.query({ organization: slug }));
  return data({ organization, wallet }, { headers: rememberOrganization(request, slug) });
}

/** What all pages of an organization share: the organization, its balance, and the live channel. */
export default function OrganizationLayout() {
  const loaded = useLoaderData<typeof loader>();
  useRememberedOrganization(loaded.organization.slug);
  // Another organization is another page: its channel and everything it has heard begin anew.
  return <LiveOrganization key={loaded.organization.id} loaded={loaded} />;
}

export function ErrorBoundary() {
  return isSecondFactorMissing(useRouteError()) ? <SecondFactorRequired /> : <ErrorPage />;
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function LiveOrganization({ loaded }: { loaded: Loaded }) {
  const { me } = usePortal();
  const { feed, ended, roleChange, dismissRoleChange } = useLive(loaded.organization, me.id);
  const { id, name, slug } = loaded.organization;
  if (ended) return <AccessEnded how={ended} name={name} organizationId={id} />;
  return (
    <FeedProvider value={feed}>
      {roleChange && <RoleNotice change={roleChange} {...{ name, slug }} onDismiss={dismissRoleChange} />}
      <Provided loaded={loaded} />
    </FeedProvider>
  );
}

function Provided({ loaded }: { loaded: Loaded }) {
  const { me } = usePortal();
  const api = useApi();
  const input = { organization: loaded.organization.slug };
  const asOf = loaded.organization.logSequence;
  const { data: organization } = useLiveData({
    key: api.organizations.get.queryKey(input),
    fresh: loaded.organization,
    asOf,
    merge: useMemo(() => mergeOrganization(me.id), [me.id]),
    read: () => browserApi().organizations.get.query(input),
  });
  const { data: wallet } = useLiveData({
    key: api.wallets.summary.queryKey(input),
    fresh: loaded.wallet,
    asOf,
    merge: mergeWallet,
    read: () => browserApi().wallets.summary.query(input),
    join: (shown, found) => (BigInt(found.sequence) >= BigInt(shown.sequence) ? found : shown),
  });
  const shown = useMemo(
    () => ({
      organization,
      wallet,
      may: (permission: string) => organization.permissions.some((held) => held === permission),
    }),
    [organization, wallet],
  );
  return (
    <OrganizationProvider value={shown}>
      <Outlet />
    </OrganizationProvider>
  );
}
