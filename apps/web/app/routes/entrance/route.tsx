import { Outlet } from "@remix-run/react";
import { ErrorPage } from "~/frame/error-page";
import { Logo } from "~/frame/logo";

/** The pages before the portal: the mark, one card, nothing else. */
export default function Entrance() {
  return (
    <main className="grid min-h-dvh content-start justify-items-center px-4 pt-[max(2rem,12vh)] pb-12">
      <div className="mb-6 flex items-center gap-2.5">
        <Logo className="size-8" />
        <span className="font-semibold text-lg tracking-tight">Guildhall</span>
      </div>
      <div className="w-full max-w-sm rounded-lg border border-line bg-surface p-6">
        <Outlet />
      </div>
    </main>
  );
}

export function ErrorBoundary() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <ErrorPage />
    </main>
  );
}
