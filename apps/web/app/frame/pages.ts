import {
  ChartNoAxesColumn,
  Coins,
  House,
  KeyRound,
  type LucideIcon,
  MailPlus,
  ScrollText,
  Settings2,
  Users,
  UsersRound,
  Wallet,
} from "lucide-react";

export interface OrganizationPageLink {
  /** Behind /o/SLUG. */
  path: string;
  label: string;
  icon: LucideIcon;
  /** Who may not open it does not see it. */
  permission?: string;
  group: "main" | "settings";
}

/** The pages of an organization, in the order of the sidebar. */
const ORGANIZATION_PAGES: readonly OrganizationPageLink[] = [
  { path: "", label: "Overview", icon: House, group: "main" },
  { path: "/members", label: "Members", icon: Users, permission: "members.read", group: "main" },
  { path: "/invites", label: "Invites", icon: MailPlus, permission: "invites.manage", group: "main" },
  { path: "/teams", label: "Teams", icon: UsersRound, permission: "teams.read", group: "main" },
  { path: "/wallet", label: "Wallet", icon: Wallet, permission: "wallet.read", group: "main" },
  { path: "/usage", label: "Usage", icon: ChartNoAxesColumn, permission: "usage.read", group: "main" },
  { path: "/settings/general", label: "General", icon: Settings2, permission: "organization.read", group: "settings" },
  {
    path: "/settings/spending",
    label: "Spend policy",
    icon: Coins,
    permission: "spend_policy.read",
    group: "settings",
  },
  { path: "/settings/api-keys", label: "API keys", icon: KeyRound, permission: "api_keys.manage", group: "settings" },
  { path: "/audit", label: "Audit log", icon: ScrollText, permission: "audit.read", group: "settings" },
];

/** Pages that every organization has beside those of the sidebar. */
const UNLISTED_PATHS: readonly string[] = ["/wallet/statements", "/invites/many", "/roles", "/ownership"];

/** The pages that somebody with these permissions may open. */
export function pagesFor(permissions: readonly string[]): OrganizationPageLink[] {
  return ORGANIZATION_PAGES.filter(({ permission }) => !permission || permissions.includes(permission));
}

/**
 * Where switching to another organization leads: to the page that is open now, or to the overview where there is no such page
 * for everybody (setup belongs to one organization).
 */
export function samePageIn(slug: string, pathname: string): string {
  const path = /^\/o\/[^/]+(\/.*?)?\/?$/.exec(pathname)?.[1] ?? "";
  const exists = ORGANIZATION_PAGES.some((page) => page.path === path) || UNLISTED_PATHS.includes(path);
  return `/o/${slug}${exists ? path : ""}`;
}
