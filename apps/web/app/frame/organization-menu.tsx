import { Link } from "@remix-run/react";
import { Building2, ChevronsUpDown, type LucideIcon, Settings } from "lucide-react";
import { Popover } from "~/components/popover";
import { pagesFor } from "./pages";
import { usePortal } from "./portal-context";

const LABELS: Record<string, string> = { "/members": "Collaborators", "/settings/general": "General settings" };
const LISTED = ["/members", "/wallet", "/settings/general", "/settings/api-keys"];

/** The organization menu at the bottom of the sidebar: leads to what is set up for the whole organization (S4.4). */
export function OrganizationMenu() {
  const { current, permissions } = usePortal();
  if (!current) return null;
  const pages = pagesFor(permissions).filter(({ path }) => LISTED.includes(path));
  return (
    <Popover
      label={`Menu of ${current.name}`}
      buttonClassName="flex h-8 w-full items-center gap-2.5 rounded-md px-2 text-ink-muted text-sm hover:bg-hover hover:text-ink"
      button={
        <>
          <Settings aria-hidden className="size-4" />
          <span className="flex-1 truncate text-left">Organization menu</span>
          <ChevronsUpDown aria-hidden className="size-4 text-ink-faint" />
        </>
      }
      className="w-56 p-1.5"
    >
      {(close) => (
        <>
          <p className="truncate px-2 py-1 text-ink-faint text-xs">{current.name}</p>
          <ul>
            {pages.map(({ path, label, icon }) => (
              <MenuLink key={path} to={`/o/${current.slug}${path}`} icon={icon} onDone={close}>
                {LABELS[path] ?? label}
              </MenuLink>
            ))}
          </ul>
          <ul className="mt-1.5 border-line border-t pt-1.5">
            <MenuLink to="/settings/organizations" icon={Building2} onDone={close}>
              All organizations
            </MenuLink>
          </ul>
        </>
      )}
    </Popover>
  );
}

interface MenuLinkProps {
  to: string;
  icon: LucideIcon;
  onDone: () => void;
  children: string;
}

function MenuLink({ to, icon: Icon, onDone, children }: MenuLinkProps) {
  return (
    <li>
      <Link
        to={to}
        onClick={onDone}
        className="flex items-center gap-2.5 rounded-md px-2 py-1.5 text-sm hover:bg-hover"
      >
        <Icon aria-hidden className="size-4 text-ink-muted" />
        {children}
      </Link>
    </li>
  );
}
