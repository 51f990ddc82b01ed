/** Every page's address and file. Plain data: what Remix's route config asks for, without a helper package. */
interface RouteEntry {
  id?: string;
  path?: string;
  index?: boolean;
  file: string;
  children?: RouteEntry[];
}

/** A page that lives in routes/<folder>/route.tsx; its id is the folder's name. */
function page(path: string, folder: string, children?: RouteEntry[]): RouteEntry {
  return { id: folder, path, file: `routes/${folder}/route.tsx`, ...(children ? { children } : {}) };
}

/** What several pages have around them, with no address of its own. */
function frame(folder: string, children: RouteEntry[]): RouteEntry {
  return { id: folder, file: `routes/${folder}/route.tsx`, children };
}

function start(folder: string): RouteEntry {
  return { id: folder, index: true, file: `routes/${folder}/route.tsx` };
}

const routes: RouteEntry[] = [
  start("home"),
  page("sign-out", "sign-out"),
  page("theme", "theme"),
  frame("entrance", [
    page("sign-in", "sign-in"),
    page("sign-in/second-step", "second-step"),
    page("sign-up", "sign-up"),
    page("forgot-password", "forgot-password"),
    page("reset-password/:token", "reset-password"),
    page("verify-email/:token", "verify-email"),
    page("confirm-email/:token", "confirm-email"),
    page("invite/:token", "invite"),
  ]),
  frame("portal", [
    page("o/:slug", "organization", [
      start("overview"),
      page("setup", "setup"),
      page("members", "members"),
      page("roles", "roles"),
      page("ownership", "ownership"),
      page("invites", "invites"),
      page("invites/many", "invite-many"),
      page("teams", "teams"),
      page("teams/:teamId", "team"),
      page("wallet", "wallet"),
      page("wallet/statements", "wallet-statement"),
      page("usage", "usage"),
      page("settings/general", "general"),
      page("settings/spending", "spend-policy"),
      page("settings/api-keys", "api-keys"),
      page("audit", "audit"),
    ]),
    frame("personal", [
      page("settings/organizations", "organizations"),
      page("settings/account", "account"),
      page("settings/account/delete", "delete-account"),
      page("settings/security", "security"),
      page("settings/wallet", "personal-wallet"),
      page("settings/teams", "my-teams"),
    ]),
    page("enterprise/:enterprise/teams", "enterprise-teams"),
    page("enterprise/:enterprise/teams/:teamId", "enterprise-team"),
    page("admin/organizations", "admin-organizations"),
    page("admin/organizations/:organizationId", "admin-organization"),
    page("admin/people", "admin-people"),
    page("admin/people/:userId", "admin-person"),
  ]),
  page("*", "not-found"),
];

export default routes;
