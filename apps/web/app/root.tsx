import { data, type LinksFunction, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";
import { useNonce } from "./api/nonce";
import { ApiProvider } from "./api/query";
import { NowProvider } from "./components/time";
import type { Toast } from "./components/toast";
import { Toaster } from "./components/toaster";
import { takeToasts } from "./forms/toast.server";
import { useEarlyDoings } from "./frame/early-doings";
import { ErrorPage } from "./frame/error-page";
import { isAhead } from "./frame/prefetch";
import { revalidateUnlessNavigation } from "./frame/revalidation";
import { readTheme, useTheme } from "./frame/theme";
import stylesUrl from "./styles/app.css?url";

const NONE: Toast[] = [];

export const links: LinksFunction = () => [
  { rel: "stylesheet", href: stylesUrl },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export const meta: MetaFunction = () => [{ title: "Guildhall" }];

export const shouldRevalidate = revalidateUnlessNavigation;

export async function loader({ request, context }: LoaderFunctionArgs) {
  // Fetched ahead, the page may never be shown: a message waits for one that is.
  const { toasts, clear } = isAhead(request) ? { toasts: [], clear: new Headers() } : await takeToasts(request);
  const theme = readTheme(request.headers.get("cookie"));
  return data({ theme, toasts, now: new Date().toISOString(), requestId: context.requestId }, { headers: clear });
}

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  const loaded = useRouteLoaderData<typeof loader>("root");
  const theme = useTheme(loaded?.theme ?? "system");
  return (
    <html lang="en" data-theme={theme === "system" ? undefined : theme}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === "system" ? "light dark" : theme} />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  const loaded = useRouteLoaderData<typeof loader>("root");
  useEarlyDoings();
  return (
    <NowProvider serverNow={loaded?.now ?? "1970-01-01T00:00:00.000Z"}>
      <ApiProvider>
        <Toaster arrived={loaded?.toasts ?? NONE}>
          <Outlet />
        </Toaster>
      </ApiProvider>
    </NowProvider>
  );
}

export function ErrorBoundary() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <ErrorPage />
    </main>
  );
}
