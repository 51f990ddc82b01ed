import { Link, useLocation } from "@remix-run/react";
import { Check, ChevronsUpDown, Plus, Search } from "lucide-react";
import { type KeyboardEvent, type RefObject, useRef, useState } from "react";
import type { MyOrganization } from "~/api/types";
import { Avatar } from "~/components/avatar";
import { Popover } from "~/components/popover";
import { memberCountText } from "~/organization/counts";
import { roleLabel } from "~/organization/roles";
import { CREATE_ORGANIZATION } from "./links";
import { samePageIn } from "./pages";
import { usePortal } from "./portal-context";
import { aheadOf } from "./prefetch";

/** The current organization, and the way to another: searched by name, opened on the page that is open now. */
export function Switcher() {
  const { current, organizations } = usePortal();
  const [wanted, setWanted] = useState("");
  const search = useRef<HTMLInputElement>(null);
  return (
    <Popover
      label="Switch organization"
      buttonClassName="flex min-w-0 flex-1 items-center gap-2.5 rounded-md p-1.5 text-left hover:bg-hover"
      button={<CurrentOrganization />}
      className="w-80 max-w-[calc(100vw-1rem)] p-1.5"
      onOpen={() => search.current?.focus()}
      onClose={() => setWanted("")}
    >
      {(close) => (
        <SwitcherList
          organizations={organizations}
          currentSlug={current?.slug}
          search={{ ref: search, wanted, setWanted }}
          onDone={close}
        />
      )}
    </Popover>
  );
}

function CurrentOrganization() {
  const { current } = usePortal();
  return (
    <>
      <span className="sr-only">Switch organization, now</span>
      <Avatar name={current?.name ?? "?"} shape="organization" size="lg" />
      <span className="grid min-w-0 flex-1">
        <span className="truncate font-medium" data-testid="current-organization">
          {current?.name ?? "No organization"}
        </span>
        {current && <span className="truncate text-ink-muted text-xs">{roleLabel(current.role)}</span>}
      </span>
      <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
    </>
  );
}

interface SwitcherListProps {
  organizations: MyOrganization[];
  currentSlug: string | undefined;
  search: { ref: RefObject<HTMLInputElement>; wanted: string; setWanted: (wanted: string) => void };
  onDone: () => void;
}

function SwitcherList({ organizations, currentSlug, search, onDone }: SwitcherListProps) {
  const { wanted, setWanted } = search;
  const box = useRef<HTMLDivElement>(null);
  const needle = wanted.trim().toLowerCase();
  const found = organizations.filter(({ name, slug }) => `${name} ${slug}`.toLowerCase().includes(needle));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the links inside.
    <div ref={box} onKeyDown={(event) => moveFocus(event, box.current)}>
      <div className="relative mb-1.5">
        <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-ink-faint" />
        <input
          ref={search.ref}
          type="search"
          aria-label="Search organizations"
          placeholder="Search organizations"
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && box.current?.querySelector<HTMLElement>("a")?.click()}
          className="h-9 w-full rounded-md border border-line-control bg-surface pr-2 pl-8"
        />
      </div>
      <ul className="max-h-72 overflow-y-auto">
        {found.map((organization) => (
          <li key={organization.id}>
            <Choice organization={organization} isCurrent={organization.slug === currentSlug} onDone={onDone} />
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="px-2 py-3 text-ink-muted text-sm">
          {organizations.length === 0 ? "You belong to no organization yet." : `No organization matches “${wanted}”.`}
        </p>
      )}
      <Link
        to={CREATE_ORGANIZATION}
        onClick={onDone}
        className="mt-1 flex items-center gap-2.5 rounded-md px-2 py-2 font-medium text-sm hover:bg-hover"
      >
        <Plus aria-hidden className="mx-1.5 size-4 text-ink-muted" />
        Create Organization
      </Link>
    </div>
  );
}

interface ChoiceProps {
  organization: MyOrganization;
  isCurrent: boolean;
  onDone: () => void;
}

function Choice({ organization, isCurrent, onDone }: ChoiceProps) {
  const { name, slug, role, memberCount } = organization;
  const to = samePageIn(slug, useLocation().pathname);
  return (
    <Link
      to={to}
      {...aheadOf(to)}
      onClick={onDone}
      aria-current={isCurrent ? "true" : undefined}
      className="flex items-center gap-2.5 rounded-md px-2 py-1.5 hover:bg-hover focus-visible:bg-hover"
    >
      <Avatar name={name} shape="organization" />
      <span className="grid min-w-0 flex-1">
        <span className="truncate font-medium">{name}</span>
        <span className="truncate text-ink-muted text-xs">
          {roleLabel(role)} · {memberCountText(memberCount)}
        </span>
      </span>
      {isCurrent && <Check aria-hidden className="size-4 shrink-0 text-accent-ink" />}
    </Link>
  );
}

/** Arrow keys walk through the search field and the links, round and round. */
function moveFocus(event: KeyboardEvent, box: HTMLElement | null) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [...(box?.querySelectorAll<HTMLElement>("input, a") ?? [])];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const next = stops.at((at + (event.key === "ArrowDown" ? 1 : -1)) % stops.length);
  event.preventDefault();
  next?.focus();
}
