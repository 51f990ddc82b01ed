import { Link } from "@remix-run/react";
import clsx from "clsx";
import { MailPlus, SearchX } from "lucide-react";
import { useMemo } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { InvitePage } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { LoadMore } from "~/components/load-more";
import { Notice } from "~/components/notice";
import { RefreshNotice } from "~/components/refresh-notice";
import { SearchField, SearchForm } from "~/components/search-form";
import { type Column, Table } from "~/components/table";
import { type FormResult, resultOf } from "~/forms/form-result";
import { joinInvites, mergeInvites } from "~/live/merge-invites";
import { useLiveData } from "~/live/use-live-data";
import { INVITE_STATES, type InviteState, inviteStateLabel } from "~/organization/invite-states";
import { useOrganization } from "~/organization/organization-context";
import { InviteRow } from "./invite-row";
import { resentBy } from "./types";

const COLUMNS: readonly Column[] = [
  { label: "E-mail", className: "w-full" },
  { label: "Role", isWideOnly: true },
  { label: "State", isWideOnly: true },
  { label: "Invited by", isWideOnly: true },
  { label: "Actions", isLabelHidden: true },
];

interface InviteTableProps {
  fresh: InvitePage;
  search: string;
  state: InviteState | null;
  /** Set on a page of older invites. */
  cursor: string | null;
  asOf: string;
  answer: unknown;
}

/** The invites as the loader read them, then as they change. */
export function InviteTable(props: InviteTableProps) {
  const { search, state, answer } = props;
  const { data, loadOlder, refetch, refreshError } = useInvites(props);
  const refused = resendRefused(answer);
  return (
    <div className="grid gap-3">
      <SearchForm>
        {state && <input type="hidden" name="state" value={state} />}
        <SearchField search={search} label="Search invites" placeholder="E-mail" />
      </SearchForm>
      <StateTabs counts={data.counts} search={search} state={state} />
      {refused?.formError && <Notice tone="danger" title={refused.formError} />}
      <Card isFlush className="overflow-hidden">
        <RefreshNotice message={refreshError} onRetry={refetch} />
        {data.items.length === 0 ? (
          <NoInvites isFiltered={search !== "" || state !== null} />
        ) : (
          <Table caption="Invites" columns={COLUMNS}>
            {data.items.map((invite) => (
              <InviteRow key={invite.inviteId} invite={invite} />
            ))}
          </Table>
        )}
        {data.nextCursor && (
          <LoadMore
            to={addressOf({ search, state, before: data.nextCursor })}
            load={() => loadOlder(data.nextCursor ?? "")}
            label="Show older invites"
          />
        )}
      </Card>
    </div>
  );
}

function resendRefused(answer: unknown): FormResult | undefined {
  const intent = typeof answer === "object" && answer !== null && "intent" in answer ? String(answer.intent) : "";
  return resentBy(intent) === undefined ? undefined : resultOf(answer, intent);
}

function useInvites({ fresh, search, state, cursor, asOf }: InviteTableProps) {
  const { organization } = useOrganization();
  const api = useApi();
  const pageOf = (before: string | null) => ({
    organization: organization.slug,
    ...(search ? { search } : {}),
    ...(state ? { states: [state] } : {}),
    ...(before ? { cursor: before } : {}),
  });
  const live = useLiveData<InvitePage>({
    key: api.invites.list.queryKey(pageOf(cursor)),
    fresh,
    asOf,
    merge: useMemo(() => mergeInvites(state ? [state] : INVITE_STATES), [state]),
    read: () => browserApi().invites.list.query(pageOf(cursor)),
    join: joinInvites,
  });
  const loadOlder = async (before: string) => {
    const older = await browserApi().invites.list.query(pageOf(before));
    live.set((shown) => ({ ...older, items: [...shown.items, ...older.items] }));
  };
  return { ...live, loadOlder };
}

interface TabsProps extends Pick<InviteTableProps, "search" | "state"> {
  counts: InvitePage["counts"];
}

function StateTabs({ counts, search, state }: TabsProps) {
  const total = INVITE_STATES.reduce((sum, each) => sum + counts[each], 0);
  const tabs = [{ value: null, label: "All", count: total }, ...INVITE_STATES.map(tabOf)];
  function tabOf(value: InviteState) {
    return { value, label: inviteStateLabel(value), count: counts[value] };
  }
  return (
    <nav aria-label="State of the invites" className="flex flex-wrap gap-1">
      {tabs.map(({ value, label, count }) => (
        <Link
          key={label}
          to={addressOf({ search, state: value })}
          preventScrollReset
          aria-current={value === state ? "page" : undefined}
          className={clsx(
            "inline-flex h-8 items-center gap-1.5 rounded-md px-2.5 font-medium text-sm hover:bg-hover",
            value === state ? "bg-accent-soft text-accent-ink" : "text-ink-muted",
          )}
        >
          {label}
          <span className="figures text-xs">{count.toLocaleString("en-US")}</span>
        </Link>
      ))}
    </nav>
  );
}

function addressOf({ search, state, before }: { search: string; state: InviteState | null; before?: string }): string {
  const parameters = new URLSearchParams();
  if (search) parameters.set("search", search);
  if (state) parameters.set("state", state);
  if (before) parameters.set("before", before);
  return `?${parameters}`;
}

function NoInvites({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon={SearchX} title="No invite matches" action={<ButtonLink to="?">Show all invites</ButtonLink>}>
        No invite has this address and state.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={MailPlus}
      title="Nobody was invited yet"
      action={<ButtonLink to="?dialog=invite">Invite somebody</ButtonLink>}
    >
      Whoever you invite stands here, with what became of it, also after they have joined.
    </EmptyState>
  );
}
