import { Link, useRouteLoaderData } from "@remix-run/react";
import { Building2, ChevronsUpDown, Settings } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { loader as organizationLoader } from "~/routes/organization/route";
import { pagesFor } from "./pages";
import { usePortal } from "./portal-context";

const LABELS: Record<string, string> = { "/members": "Collaborators", "/settings/general": "General settings" };
const LISTED = ["/members", "/wallet", "/settings/general", "/settings/api-keys"];
const ITEM =
  "flex items-center gap-2.5 rounded-md px-2 py-1.5 text-sm outline-none data-[highlighted]:bg-hover data-[highlighted]:text-ink";

/** The organization menu at the bottom of the sidebar: leads to what is set up for the whole organization (S4.4). */
export function OrganizationMenu() {
  const { current } = usePortal();
  const loaded = useRouteLoaderData<typeof organizationLoader>("organization");
  if (!current) return null;
  const pages = pagesFor(loaded?.organization.permissions ?? ["members.read", "wallet.read", "organization.read"]);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="flex h-8 items-center gap-2.5 rounded-md px-2 text-ink-muted text-sm hover:bg-hover hover:text-ink">
        <Settings aria-hidden className="size-4" />
        <span className="flex-1 truncate text-left">Organization menu</span>
        <ChevronsUpDown aria-hidden className="size-4 text-ink-faint" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 w-56 rounded-lg bg-raised p-1.5 shadow-float"
        >
          <DropdownMenu.Label className="truncate px-2 py-1 text-ink-faint text-xs">{current.name}</DropdownMenu.Label>
          {pages
            .filter(({ path }) => LISTED.includes(path))
            .map(({ path, label, icon: Icon }) => (
              <DropdownMenu.Item key={path} asChild>
                <Link to={`/o/${current.slug}${path}`} className={ITEM}>
                  <Icon aria-hidden className="size-4 text-ink-muted" />
                  {LABELS[path] ?? label}
                </Link>
              </DropdownMenu.Item>
            ))}
          <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
          <DropdownMenu.Item asChild>
            <Link to="/settings/organizations" className={ITEM}>
              <Building2 aria-hidden className="size-4 text-ink-muted" />
              All organizations
            </Link>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
