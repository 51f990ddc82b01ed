import { Form, Link, NavLink } from "@remix-run/react";
import clsx from "clsx";
import { Building2, Globe, LogOut, Network, Plus, Search, UserSearch } from "lucide-react";
import type { ReactNode } from "react";
import { Avatar } from "~/components/avatar";
import { ConnectionStatus } from "./connection-status";
import { ALL_ORGANIZATIONS, ALL_PEOPLE, CREATE_ORGANIZATION, enterpriseTeams } from "./links";
import { OrganizationMenu } from "./organization-menu";
import { type OrganizationPageLink, pagesFor } from "./pages";
import { usePortal } from "./portal-context";
import { aheadOf } from "./prefetch";
import { Switcher } from "./switcher";

/** How many organizations stand in the sidebar; the switcher knows them all. */
const LISTED = 6;

/** The left side of every signed-in page. `onPalette` opens the command palette; `corner` is what closes the drawer. */
export function Sidebar({ onPalette, corner }: { onPalette: () => void; corner?: ReactNode }) {
  const { current } = usePortal();
  return (
    <div className="flex h-full flex-col gap-4 overflow-y-auto p-3">
      <div className="flex items-center gap-1">
        <Switcher />
        <IconLink to={CREATE_ORGANIZATION} label="Create Organization">
          <Plus aria-hidden className="size-4" />
        </IconLink>
        {corner}
      </div>
      <button
        type="button"
        onClick={onPalette}
        className="flex h-8 shrink-0 items-center gap-2 rounded-md border border-line bg-surface px-2 text-ink-muted text-sm hover:bg-hover noscript:hidden"
      >
        <Search aria-hidden className="size-4" />
        <span className="flex-1 text-left">Go to…</span>
        <kbd className="rounded-sm bg-sunken px-1 font-sans text-xs">Ctrl K</kbd>
      </button>
      {current && <OrganizationNav slug={current.slug} />}
      <OrganizationList />
      <EnterpriseNav />
      <AdminNav />
      <div className="mt-auto grid gap-2 border-line border-t pt-3">
        <ConnectionStatus />
        {current && <OrganizationMenu />}
        <Person />
      </div>
    </div>
  );
}

/** Who is signed in: leads to the account, and out. */
function Person() {
  const { me, email } = usePortal();
  return (
    <div className="flex items-center gap-1">
      <Link to="/settings/account" className="flex min-w-0 flex-1 items-center gap-2.5 rounded-md p-1.5 hover:bg-hover">
        <Avatar name={me.name} shape="person" />
        <span className="grid min-w-0">
          <span className="truncate font-medium text-sm">{me.name}</span>
          <span className="truncate text-ink-muted text-xs">{email.email}</span>
        </span>
      </Link>
      <Form method="post" action="/sign-out">
        <button
          type="submit"
          title="Sign out"
          className="grid size-8 place-items-center rounded-md text-ink-muted hover:bg-hover hover:text-ink"
        >
          <LogOut aria-hidden className="size-4" />
          <span className="sr-only">Sign out</span>
        </button>
      </Form>
    </div>
  );
}

function OrganizationNav({ slug }: { slug: string }) {
  const pages = pagesFor(usePortal().permissions);
  return (
    <nav aria-label="Organization" className="grid gap-4">
      <NavGroup slug={slug} pages={pages.filter(({ group }) => group === "main")} />
      <NavGroup title="Settings" slug={slug} pages={pages.filter(({ group }) => group === "settings")} />
    </nav>
  );
}

function NavGroup({ title, slug, pages }: { title?: string; slug: string; pages: readonly OrganizationPageLink[] }) {
  // Whom an organization keeps out for now has no settings there: a title above nothing would look broken.
  if (pages.length === 0) return null;
  return (
    <div className="grid gap-0.5">
      {title && <SectionTitle>{title}</SectionTitle>}
      <ul className="grid gap-0.5">
        {pages.map(({ path, label, icon: Icon }) => (
          <li key={path}>
            <NavLink
              to={`/o/${slug}${path}`}
              end={path === ""}
              {...aheadOf(`/o/${slug}${path}`)}
              className={navItemClass}
            >
              <Icon aria-hidden className="size-4" />
              {label}
            </NavLink>
          </li>
        ))}
      </ul>
    </div>
  );
}

function OrganizationList() {
  const { organizations, current } = usePortal();
  return (
    <nav aria-label="Your organizations" className="grid gap-0.5">
      <SectionTitle>Organizations</SectionTitle>
      <ul className="grid gap-0.5">
        {organizations.slice(0, LISTED).map(({ id, slug, name }) => (
          <li key={id}>
            <Link
              to={`/o/${slug}`}
              {...aheadOf(`/o/${slug}`)}
              className={navItemClass({ isActive: false })}
              aria-current={slug === current?.slug ? "true" : undefined}
            >
              <Avatar name={name} shape="organization" size="xs" />
              <span className="truncate">{name}</span>
            </Link>
          </li>
        ))}
        <li>
          <NavLink to="/settings/organizations" className={navItemClass}>
            <Building2 aria-hidden className="size-4" />
            All organizations
          </NavLink>
        </li>
      </ul>
    </nav>
  );
}

/** What belongs to the enterprises above organizations, for their admins. */
function EnterpriseNav() {
  const { enterprises } = usePortal();
  if (enterprises.length === 0) return null;
  return (
    <nav aria-label="Enterprise" className="grid gap-0.5">
      <SectionTitle>Enterprise</SectionTitle>
      {enterprises.map(({ slug, name }) => (
        <NavLink key={slug} to={enterpriseTeams(slug)} {...aheadOf(enterpriseTeams(slug))} className={navItemClass}>
          <Network aria-hidden className="size-4" />
          {enterprises.length === 1 ? "Teams" : <span className="truncate">Teams of {name}</span>}
        </NavLink>
      ))}
    </nav>
  );
}

/** What stands above all organizations, for those who may (S0.2). */
function AdminNav() {
  if (!usePortal().me.isPlatformAdmin) return null;
  return (
    <nav aria-label="Admin" className="grid gap-0.5">
      <SectionTitle>Admin</SectionTitle>
      <NavLink to={ALL_ORGANIZATIONS} {...aheadOf(ALL_ORGANIZATIONS)} className={navItemClass}>
        <Globe aria-hidden className="size-4" />
        Organizations
      </NavLink>
      <NavLink to={ALL_PEOPLE} {...aheadOf(ALL_PEOPLE)} className={navItemClass}>
        <UserSearch aria-hidden className="size-4" />
        People
      </NavLink>
    </nav>
  );
}

function navItemClass({ isActive }: { isActive: boolean }): string {
  return clsx(
    "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors",
    isActive ? "bg-selected font-medium text-ink" : "text-ink-muted hover:bg-hover hover:text-ink",
  );
}

function SectionTitle({ children }: { children: ReactNode }) {
  return <p className="px-2 pb-1 font-medium text-ink-faint text-xs">{children}</p>;
}

function IconLink({ to, label, children }: { to: string; label: string; children: ReactNode }) {
  return (
    <Link
      to={to}
      title={label}
      className="grid size-8 shrink-0 place-items-center rounded-md text-ink-muted hover:bg-hover hover:text-ink"
    >
      {children}
      <span className="sr-only">{label}</span>
    </Link>
  );
}
