import type { Window } from "./browser.ts";

/** What everybody of the demo signs in with. */
const DEMO_PASSWORD = "guildhall-demo";

export const DEMO_OWNER = "ada@northwind.example";
/** The platform admin. */
export const DEMO_ADMIN = "margaret@northwind.example";
/** Northwind Research among all organizations: its id is derived from who made it, so it is the same in every demo. */
const RESEARCH_DETAIL = "/admin/organizations/03ebc516-e927-84e6-a00d-3fc98247688a";
const DEMO_MEMBER = "alan@northwind.example";
/** The enterprise's admin. */
const DEMO_ENTERPRISE_ADMIN = "edsger@northwind.example";
/** Applied Science among the teams of the enterprise: its id is the same in every demo. */
const SCIENCE_TEAM = "9db1a38d-9736-8088-8fe5-c5ce7923ad77";

/** One page to look at: its address, who opens it (nobody if left out), and whether it is a refusal. */
interface PageToSee {
  name: string;
  path: string;
  as?: string;
  isRefused?: boolean;
}

const research = (name: string, path: string, as = DEMO_OWNER): PageToSee => ({
  name,
  path: `/o/northwind-research${path}`,
  as,
});

/** Every page of the portal with the demo's data, and every dialog that an address opens. */
export const EVERY_PAGE: readonly PageToSee[] = [
  { name: "sign-in", path: "/sign-in" },
  { name: "sign-in-ended", path: "/sign-in?ended=1&next=%2Fsettings%2Fsecurity" },
  { name: "sign-up", path: "/sign-up" },
  { name: "forgot-password", path: "/forgot-password" },
  { name: "reset-password-gone", path: "/reset-password/nothing", isRefused: true },
  { name: "verify-email", path: "/verify-email/nothing" },
  { name: "confirm-email", path: "/confirm-email/nothing" },
  { name: "invite-gone", path: "/invite/inv_nothing", isRefused: true },
  research("overview", ""),
  research("overview-member", "", DEMO_MEMBER),
  research("members", "/members"),
  research("members-nobody", "/members?search=nobody"),
  research("members-sorted", "/members?sort=-joined"),
  research("members-as-member", "/members", DEMO_MEMBER),
  research("members-leave", "/members?dialog=leave", DEMO_MEMBER),
  research("members-leave-last-owner", "/members?dialog=leave"),
  research("roles", "/roles"),
  research("ownership", "/ownership"),
  research("ownership-nothing", "/ownership", DEMO_MEMBER),
  research("invites", "/invites"),
  research("invites-invite", "/invites?dialog=invite"),
  research("invites-none", "/invites?state=declined&search=nobody"),
  { ...research("invites-forbidden", "/invites", DEMO_MEMBER), isRefused: true },
  research("invite-many", "/invites/many"),
  research("teams", "/teams"),
  research("teams-assign", "/teams?dialog=assign"),
  research("teams-remove", `/teams?dialog=remove&team=${SCIENCE_TEAM}`),
  research("team", `/teams/${SCIENCE_TEAM}`),
  { ...research("teams-forbidden", "/teams", DEMO_MEMBER), isRefused: true },
  research("spend-policy", "/settings/spending"),
  research("spend-policy-member", "/settings/spending", DEMO_MEMBER),
  research("wallet", "/wallet"),
  research("wallet-member", "/wallet", DEMO_MEMBER),
  research("wallet-add-credits", "/wallet?dialog=add-credits"),
  research("wallet-deduct-credits", "/wallet?dialog=deduct-credits"),
  research("wallet-transfer", "/wallet?dialog=transfer"),
  research("wallet-filtered", "/wallet?kind=usage&kind=adjustment&from=2026-01-01&max=0"),
  research("wallet-no-match", "/wallet?agent=Nobody"),
  research("wallet-filter-mistake", "/wallet?min=lots&from=soon"),
  research("statements", "/wallet/statements"),
  research("usage", "/usage"),
  { ...research("usage-forbidden", "/usage", DEMO_MEMBER), isRefused: true },
  research("general", "/settings/general"),
  research("general-member", "/settings/general", DEMO_MEMBER),
  research("audit", "/audit"),
  research("audit-filtered", "/audit?kind=credits&from=2026-01-01"),
  research("audit-filter-mistake", "/audit?from=soon&kind=theft"),
  { ...research("audit-forbidden", "/audit", DEMO_MEMBER), isRefused: true },
  research("api-keys", "/settings/api-keys"),
  research("api-keys-create", "/settings/api-keys?dialog=create"),
  { name: "organizations", path: "/settings/organizations", as: DEMO_OWNER },
  { name: "organizations-create", path: "/settings/organizations?dialog=create", as: DEMO_OWNER },
  { name: "security", path: "/settings/security", as: DEMO_OWNER },
  { name: "security-totp", path: "/settings/security?dialog=totp", as: DEMO_OWNER },
  { name: "security-add-passkey", path: "/settings/security?dialog=add-passkey", as: DEMO_OWNER },
  { name: "personal-wallet", path: "/settings/wallet", as: DEMO_OWNER },
  { name: "account", path: "/settings/account", as: DEMO_OWNER },
  { name: "account-delete-refused", path: "/settings/account/delete", as: DEMO_OWNER },
  { name: "account-delete", path: "/settings/account/delete", as: DEMO_MEMBER },
  { name: "spending-rights", path: "/settings/teams", as: DEMO_MEMBER },
  { name: "enterprise-teams", path: "/enterprise/northwind/teams", as: DEMO_ENTERPRISE_ADMIN },
  { name: "enterprise-teams-create", path: "/enterprise/northwind/teams?dialog=create", as: DEMO_ENTERPRISE_ADMIN },
  { name: "enterprise-team", path: `/enterprise/northwind/teams/${SCIENCE_TEAM}`, as: DEMO_ENTERPRISE_ADMIN },
  {
    name: "enterprise-team-delete",
    path: `/enterprise/northwind/teams/${SCIENCE_TEAM}?dialog=delete`,
    as: DEMO_ENTERPRISE_ADMIN,
  },
  { name: "admin-organizations", path: "/admin/organizations", as: DEMO_ADMIN },
  { name: "admin-organizations-nothing", path: "/admin/organizations?search=nothing", as: DEMO_ADMIN },
  { name: "admin-organization", path: RESEARCH_DETAIL, as: DEMO_ADMIN },
  { name: "admin-change-slug", path: `${RESEARCH_DETAIL}?dialog=change-slug`, as: DEMO_ADMIN },
  { name: "admin-people", path: "/admin/people", as: DEMO_ADMIN },
  { name: "not-found", path: "/o/nowhere", as: DEMO_OWNER, isRefused: true },
];

/** Signs one of the demo's people in, without a page. The window must know the portal's address. */
export async function signInToDemo({ context }: Window, email: string): Promise<void> {
  const answer = await context.request.post("/trpc/identity.signIn", {
    data: { email, password: DEMO_PASSWORD },
  });
  if (!answer.ok()) throw new Error(`${email} could not sign in: ${answer.status()} ${await answer.text()}`);
}
