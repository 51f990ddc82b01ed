import { useEffect } from "react";
import { useConnection } from "~/live/connection";

/** The pages that the sidebar leads to, and those one press behind them, by the ids of their routes. */
const PAGE_IDS = [
  ...["overview", "members", "wallet", "wallet-statement", "usage", "general", "api-keys", "audit"],
  ...["organizations", "account", "personal-wallet", "admin-organizations", "admin-organization"],
];

/** How long after the page was shown, in milliseconds. By then Remix has asked where the sidebar's links lead. */
const AFTER_MS = 1_500;

interface RouteAssets {
  module: string;
  imports?: string[];
}

/**
 * Fetches the scripts of the sidebar's pages while nothing else is to be done. Going there then needs data only; and when the
 * server cannot be reached, the portal says so itself instead of leaving for the browser's error page.
 */
export function usePreloadedPages(): void {
  const isLive = useConnection().state === "live";
  useEffect(() => {
    // A script that could not be fetched is not tried again by the browser, so the server must be there.
    if (!isLive) return;
    const timer = setTimeout(preload, AFTER_MS);
    return () => clearTimeout(timer);
  }, [isLive]);
}

function preload() {
  const routes: Record<string, RouteAssets> = window.__remixManifest?.routes ?? {};
  const urls = PAGE_IDS.flatMap((id) => {
    const assets = routes[id];
    return assets ? [assets.module, ...(assets.imports ?? [])] : [];
  });
  for (const url of new Set(urls)) {
    if (document.head.querySelector(`link[rel=modulepreload][href="${CSS.escape(url)}"]`)) continue;
    const link = Object.assign(document.createElement("link"), { rel: "modulepreload", href: url });
    document.head.append(link);
  }
}

declare global {
  interface Window {
    /** Remix's own list of routes and their scripts, as far as this page has learnt it. */
    __remixManifest?: { routes: Record<string, RouteAssets> };
  }
}
