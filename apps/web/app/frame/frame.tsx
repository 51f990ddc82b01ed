import { Link, useLocation } from "@remix-run/react";
import { Menu, X } from "lucide-react";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from "react";
import { Overlay } from "~/components/overlay";
import { DownloadTray } from "~/downloads/download-tray";
import { useRunCards } from "~/inviting/run-tray";
import { ConnectionStatus } from "./connection-status";
import { Logo } from "./logo";
import { PendingPage } from "./pending-page";
import { usePortal } from "./portal-context";
import { usePreloadedPages } from "./preload-pages";
import { Sidebar } from "./sidebar";
import { VerifyBanner } from "./verify-banner";

const Palette = lazy(() => import("./palette"));

/** The frame around every signed-in page: sidebar, or a drawer on narrow screens; command palette on Ctrl/Cmd+K. */
export function Frame({ children }: { children: ReactNode }) {
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const { pathname, search } = useLocation();
  const runCards = useRunCards();
  const openPalette = useCallback(() => {
    setDrawerOpen(false);
    setPaletteOpen(true);
  }, []);
  usePreloadedPages();
  usePaletteKey(() => setPaletteOpen((isOpen) => !isOpen));

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address is what closes the drawer.
  useEffect(() => setDrawerOpen(false), [pathname, search]);

  return (
    <DownloadTray others={runCards}>
      <SkipLink />
      <aside
        aria-label="Sidebar"
        className="fixed inset-y-0 left-0 w-60 border-line border-r bg-sunken max-md:hidden print:hidden"
      >
        <Sidebar onPalette={openPalette} />
      </aside>
      <TopBar onMenu={() => setDrawerOpen(true)} />
      {isDrawerOpen && (
        <Overlay
          label="Menu"
          onClose={() => setDrawerOpen(false)}
          className="drawer m-0 h-dvh max-h-none w-72 max-w-[85vw] border-line border-r bg-sunken"
        >
          <Sidebar onPalette={openPalette} corner={<CloseButton onPress={() => setDrawerOpen(false)} />} />
        </Overlay>
      )}
      <main id="content" tabIndex={-1} className="wrap-anywhere outline-none md:pl-60 print:pl-0">
        <VerifyBanner />
        <div className="mx-auto max-w-5xl px-4 py-6 md:px-8 md:py-8">
          <PendingPage>{children}</PendingPage>
        </div>
      </main>
      {isPaletteOpen && (
        <Suspense>
          <Palette onClose={() => setPaletteOpen(false)} />
        </Suspense>
      )}
    </DownloadTray>
  );
}

function SkipLink() {
  return (
    <a
      href="#content"
      className="sr-only rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
    >
      Skip to the content
    </a>
  );
}

function CloseButton({ onPress }: { onPress: () => void }) {
  return (
    <button
      type="button"
      onClick={onPress}
      className="grid size-8 shrink-0 place-items-center rounded-md text-ink-muted hover:bg-hover hover:text-ink"
    >
      <X aria-hidden className="size-4" />
      <span className="sr-only">Close the menu</span>
    </button>
  );
}

/** Narrow screens only: the menu, where one is, and whether it is live. */
function TopBar({ onMenu }: { onMenu: () => void }) {
  const { current } = usePortal();
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-line border-b bg-sunken px-2 md:hidden print:hidden">
      <button type="button" onClick={onMenu} className="grid size-9 place-items-center rounded-md hover:bg-hover">
        <Menu aria-hidden className="size-5" />
        <span className="sr-only">Open the menu</span>
      </button>
      <Link to="/" className="flex min-w-0 flex-1 items-center gap-2">
        <Logo className="size-6 shrink-0" />
        <span className="truncate font-medium">{current?.name ?? "Guildhall"}</span>
      </Link>
      <ConnectionStatus />
    </header>
  );
}

function usePaletteKey(toggle: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      toggle();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [toggle]);
}
