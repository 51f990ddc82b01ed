import { type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Outlet, useLoaderData, useParams } from "@remix-run/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { browserApi } from "~/api/browser-client";
import { readForPage, readMe, signInPath } from "~/api/session.server";
import type { MyOrganization } from "~/api/types";
import { ErrorPage } from "~/frame/error-page";
import { Frame } from "~/frame/frame";
import { readLastOrganization } from "~/frame/last-organization";
import { PortalProvider } from "~/frame/portal-context";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { createThrottle } from "~/live/throttle";
import { usePersonLive } from "~/live/use-person-live";

/** The list of organizations is read anew at most this often, however many of them change. */
const REFETCH_EVERY_MS = 400;

export const shouldRevalidate = revalidateUnlessDialog;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const me = await readMe(context);
  if (!me) throw redirect(signInPath(request));
  const organizations = await readForPage(request, context, () => context.api.organizations.mine.query());
  return { me, organizations, lastSlug: readLastOrganization(request) ?? null };
}

/** The frame around every signed-in page. */
export default function PortalLayout() {
  const { me, organizations: loaded, lastSlug } = useLoaderData<typeof loader>();
  const organizations = useLiveOrganizations(loaded);
  const { slug = lastSlug } = useParams();
  const portal = useMemo(
    () => ({ me, organizations, current: organizations.find((one) => one.slug === slug) ?? organizations[0] }),
    [me, organizations, slug],
  );
  return (
    <PortalProvider value={portal}>
      <Frame>
        <Outlet />
      </Frame>
    </PortalProvider>
  );
}

/** Where the frame itself could not be made: the error stands alone. */
export function ErrorBoundary() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <ErrorPage />
    </main>
  );
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
  usePersonLive(() => refetch.current?.request());
  return organizations;
}
