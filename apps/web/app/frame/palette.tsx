import { useLocation, useNavigate, useSubmit } from "@remix-run/react";
import { Command } from "cmdk";
import {
  ArrowRightLeft,
  BookUser,
  Building2,
  Coins,
  Crown,
  FileText,
  Globe,
  KeyRound,
  ListPlus,
  LogOut,
  type LucideIcon,
  Minus,
  Moon,
  Network,
  Plus,
  Search,
  ShieldCheck,
  Sun,
  User,
  UserPlus,
  UserSearch,
  UsersRound,
  WalletMinimal,
} from "lucide-react";
import type { ReactNode } from "react";
import type { MyOrganization } from "~/api/types";
import { Overlay } from "~/components/overlay";
import { memberCountText } from "~/organization/counts";
import { roleLabel } from "~/organization/roles";
import { ALL_ORGANIZATIONS, ALL_PEOPLE, CREATE_ORGANIZATION, enterpriseTeams } from "./links";
import { pagesFor, samePageIn } from "./pages";
import { usePortal } from "./portal-context";

interface PageAction {
  label: string;
  icon: LucideIcon;
  path: string;
  permission: string;
}

const ACTIONS: readonly PageAction[] = [
  { label: "Assign a team", icon: UsersRound, path: "/teams?dialog=assign", permission: "teams.assign" },
  { label: "Add Credits", icon: Plus, path: "/wallet?dialog=add-credits", permission: "wallet.adjust" },
  { label: "Deduct Credits", icon: Minus, path: "/wallet?dialog=deduct-credits", permission: "wallet.adjust" },
  { label: "Transfer Credits", icon: ArrowRightLeft, path: "/wallet?dialog=transfer", permission: "wallet.adjust" },
  { label: "Invite somebody", icon: UserPlus, path: "/invites?dialog=invite", permission: "invites.manage" },
  { label: "Invite many", icon: ListPlus, path: "/invites/many", permission: "invites.manage" },
  { label: "Statements", icon: FileText, path: "/wallet/statements", permission: "transactions.read" },
  { label: "What can each role do?", icon: BookUser, path: "/roles", permission: "members.read" },
  { label: "Transfer the ownership", icon: Crown, path: "/ownership", permission: "ownership.offer" },
  {
    label: "Create an API key",
    icon: KeyRound,
    path: "/settings/api-keys?dialog=create",
    permission: "api_keys.manage",
  },
];

/** Everything reachable by typing: organizations, pages, and the actions that the reader may run. Loaded when first opened. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { current } = usePortal();
  const navigate = useNavigate();
  const run = (act: () => void) => () => {
    onClose();
    act();
  };
  const go = (to: string) => run(() => navigate(to));
  return (
    <Overlay
      label="Command palette"
      onClose={onClose}
      className="mx-auto mt-[12vh] mb-auto w-[min(36rem,calc(100vw-2rem))] overflow-hidden rounded-lg bg-raised shadow-float"
    >
      <Command label="Command palette" loop>
        <div className="flex items-center gap-2.5 border-line border-b px-4">
          <Search aria-hidden className="size-4 text-ink-faint" />
          <Command.Input
            autoFocus
            placeholder="Go to a page, switch organization, run an action…"
            className="h-12 w-full bg-transparent outline-none"
          />
        </div>
        <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-2">
          <Command.Empty className="px-3 py-6 text-center text-ink-muted">Nothing matches.</Command.Empty>
          {current && <Here current={current} go={go} />}
          <Elsewhere go={go} />
          <You go={go} run={run} />
        </Command.List>
      </Command>
    </Overlay>
  );
}

type Go = (to: string) => () => void;

/** Pages of the current organization, and what may be done there. */
function Here({ current, go }: { current: MyOrganization; go: Go }) {
  const { permissions } = usePortal();
  const actions = ACTIONS.filter(({ permission }) => permissions.includes(permission));
  return (
    <Group title={current.name}>
      {[...pagesFor(permissions), ...actions].map(({ path, label, icon }) => (
        <Item key={path} icon={icon} onSelect={go(`/o/${current.slug}${path}`)}>
          {label}
        </Item>
      ))}
    </Group>
  );
}

function Elsewhere({ go }: { go: Go }) {
  const { organizations } = usePortal();
  const { pathname } = useLocation();
  return (
    <Group title="Switch organization">
      {organizations.map(({ id, slug, name, role, memberCount }) => (
        <Item key={id} value={`${name} ${slug}`} icon={Building2} onSelect={go(samePageIn(slug, pathname))}>
          <span className="flex-1 truncate">{name}</span>
          <span className="text-ink-muted text-xs">
            {roleLabel(role)} · {memberCountText(memberCount)}
          </span>
        </Item>
      ))}
    </Group>
  );
}

function You({ go, run }: { go: Go; run: (act: () => void) => () => void }) {
  const { me, enterprises } = usePortal();
  const submit = useSubmit();
  const choose = (theme: string) =>
    run(() => submit({ theme }, { method: "post", action: "/theme", navigate: false, fetcherKey: "theme" }));
  return (
    <Group title="You">
      <Item icon={Building2} onSelect={go("/settings/organizations")}>
        All organizations
      </Item>
      <Item icon={Plus} onSelect={go(CREATE_ORGANIZATION)}>
        Create Organization
      </Item>
      {enterprises.map(({ slug, name }) => (
        <Item key={slug} value={`enterprise teams ${slug}`} icon={Network} onSelect={go(enterpriseTeams(slug))}>
          Enterprise teams of {name}
        </Item>
      ))}
      {me.isPlatformAdmin && (
        <Item icon={Globe} onSelect={go(ALL_ORGANIZATIONS)}>
          Admin: Organizations
        </Item>
      )}
      {me.isPlatformAdmin && (
        <Item icon={UserSearch} onSelect={go(ALL_PEOPLE)}>
          Admin: People
        </Item>
      )}
      <Item icon={User} onSelect={go("/settings/account")}>
        Account
      </Item>
      <Item icon={ShieldCheck} onSelect={go("/settings/security")}>
        Security
      </Item>
      <Item icon={WalletMinimal} onSelect={go("/settings/wallet")}>
        Your wallet
      </Item>
      <Item icon={Coins} onSelect={go("/settings/teams")}>
        Your spending rights
      </Item>
      <Item icon={Sun} onSelect={choose("light")}>
        Light theme
      </Item>
      <Item icon={Moon} onSelect={choose("dark")}>
        Dark theme
      </Item>
      <Item icon={LogOut} onSelect={run(() => submit(null, { method: "post", action: "/sign-out" }))}>
        Sign out
      </Item>
    </Group>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={title}
      className="pb-1 [&>[cmdk-group-heading]]:px-2 [&>[cmdk-group-heading]]:py-1 [&>[cmdk-group-heading]]:text-ink-faint [&>[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Command.Group>
  );
}

interface ItemProps {
  icon: LucideIcon;
  value?: string;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ icon: Icon, value, onSelect, children }: ItemProps) {
  return (
    <Command.Item
      {...(value ? { value } : {})}
      onSelect={onSelect}
      className="flex cursor-pointer items-center gap-2.5 rounded-md px-2 py-2 text-sm data-[selected=true]:bg-hover"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-ink-muted" />
      {children}
    </Command.Item>
  );
}
