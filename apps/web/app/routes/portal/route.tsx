import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Outlet, useLoaderData, useParams } from "@remix-run/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { browserApi } from "~/api/browser-client";
import { readForPage, readMe, readPermissions, signInPath } from "~/api/session.server";
import type { Me, MyOrganization } from "~/api/types";
import { ErrorPage } from "~/frame/error-page";
import { Frame } from "~/frame/frame";
import { readLastOrganization } from "~/frame/last-organization";
import { PortalProvider } from "~/frame/portal-context";
import { revalidateUnlessNavigation } from "~/frame/revalidation";
import { useLiveEmail } from "~/frame/use-live-email";
import { InviteRunsProvider } from "~/inviting/invite-runs-provider";
import { personHints } from "~/live/person-hints";
import { createThrottle } from "~/live/throttle";
import { useHinted } from "~/live/use-hinted";
import { usePersonLive } from "~/live/use-person-live";
import { OwnershipBanner } from "./ownership-banner";

/** The list of organizations is read anew at most this often, however many of them change. */
const REFETCH_EVERY_MS = 400;

export const shouldRevalidate = revalidateUnlessNavigation;

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const me = await readMe(context);
  if (!me) throw redirect(signInPath(request));
  const [organizations, enterprises, email, offers] = await Promise.all([
    readForPage(request, context, () => context.api.organizations.mine.query()),
    readForPage(request, context, () => context.api.enterprises.mine.query()),
    readForPage(request, context, () => context.api.email.status.query()),
    readForPage(request, context, () => context.api.ownership.mine.query()),
  ]);
  const slug = params.slug ?? readLastOrganization(request);
  const current = organizations.find((one) => one.slug === slug) ?? organizations[0];
  // Where the address names an organization that the reader is no member of, its own loader says so.
  const permissions = current ? await readPermissions(request, context, current.slug) : [];
  return { me, email, offers, organizations, enterprises, currentSlug: current?.slug ?? null, permissions };
}

/** The frame around every signed-in page. */
export default function PortalLayout() {
  const loaded = useLoaderData<typeof loader>();
  const { offers, enterprises, currentSlug, permissions } = loaded;
  const me = useLiveMe(loaded.me);
  const email = useLiveEmail(loaded.email);
  const organizations = useLiveOrganizations(loaded.organizations);
  const { slug = currentSlug } = useParams();
  const current = useCurrent(organizations, slug);
  const portal = useMemo(
    () => ({ me, email, organizations, enterprises, current, permissions }),
    [me, email, organizations, enterprises, current, permissions],
  );
  return (
    <PortalProvider value={portal}>
      <InviteRunsProvider>
        <Frame>
          <OwnershipBanner fresh={offers} />
          <Outlet />
        </Frame>
      </InviteRunsProvider>
    </PortalProvider>
  );
}

/** The organization of the address. The list may know its new slug before the address does: then it is still the same one. */
function useCurrent(organizations: MyOrganization[], slug: string | null): MyOrganization | undefined {
  const named = organizations.find((one) => one.slug === slug);
  const last = useRef<{ slug: string | null; id: string }>();
  if (named) last.current = { slug, id: named.id };
  const moved = last.current?.slug === slug ? organizations.find((one) => one.id === last.current?.id) : undefined;
  return named ?? moved ?? organizations[0];
}

/** Where the frame itself could not be made: the error stands alone. */
export function ErrorBoundary() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <ErrorPage />
    </main>
  );
}

/** The person as loaded, then as they call themselves in another tab. */
function useLiveMe(loaded: Me): Me {
  const read = useCallback(async () => (await browserApi().identity.me.query())?.user ?? loaded, [loaded]);
  return useHinted<Me>({ fresh: loaded, read }).data;
}

/** The list as loaded, then as the live channel says it is. It is state: the latest read wins. */
function useLiveOrganizations(loaded: MyOrganization[]): MyOrganization[] {
  const [organizations, setOrganizations] = useState(loaded);
  const [seen, setSeen] = useState(loaded);
  if (seen !== loaded) {
    setSeen(loaded);
    setOrganizations(loaded);
  }
  const refetch = useRef<ReturnType<typeof createThrottle>>();
  useEffect(() => {
    const throttle = createThrottle(async () => {
      const mine = await browserApi()
        .organizations.mine.query()
        .catch(() => undefined);
      if (mine) setOrganizations(mine);
    }, REFETCH_EVERY_MS);
    refetch.current = throttle;
    return throttle.stop;
  }, []);
  usePersonLive(() => {
    refetch.current?.request();
    personHints.tell();
  });
  return organizations;
}
