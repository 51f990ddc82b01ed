import { NavLink, Outlet } from "@remix-run/react";
import clsx from "clsx";
import { ErrorPage } from "~/frame/error-page";
import { aheadOf } from "~/frame/prefetch";

/** What is the person's own, in no organization (S2.3). */
const PAGES = [
  { to: "/settings/account", label: "Account" },
  { to: "/settings/security", label: "Security" },
  { to: "/settings/wallet", label: "Wallet" },
  { to: "/settings/organizations", label: "Organizations" },
  { to: "/settings/teams", label: "Spending rights" },
] as const;

/** Around every page of the person: the way from one to the others. */
export default function PersonalLayout() {
  return (
    <>
      <nav aria-label="Your pages" className="-mt-2 mb-6 border-line border-b">
        <ul className="flex flex-wrap gap-x-1">
          {PAGES.map(({ to, label }) => (
            <li key={to}>
              <NavLink to={to} {...aheadOf(to)} className={tabClass}>
                {label}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet />
    </>
  );
}

export function ErrorBoundary() {
  return <ErrorPage />;
}

function tabClass({ isActive }: { isActive: boolean }): string {
  return clsx(
    "-outline-offset-2 inline-flex h-9 items-center whitespace-nowrap border-b-2 px-3 text-sm transition-colors",
    isActive ? "border-accent font-medium text-ink" : "border-transparent text-ink-muted hover:text-ink",
  );
}
