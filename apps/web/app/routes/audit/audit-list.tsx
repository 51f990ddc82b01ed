import clsx from "clsx";
import { ChevronRight, ScrollText, SearchX } from "lucide-react";
import { useRef } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { AuditEntry, AuditPage } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { EmptyState } from "~/components/empty-state";
import { LoadMore } from "~/components/load-more";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { REFETCH } from "~/live/merge";
import { joinNewest, joinOlder } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { type ReadFilters, toSearch } from "./audit-filters";
import { EntryDetails } from "./entry-details";
import { sentenceOf } from "./sentence";

const COLUMNS: readonly Column[] = [
  { label: "Who did what", className: "w-full" },
  { label: "From where", isWideOnly: true },
  { label: "When", isWideOnly: true },
];

const idOf = (entry: AuditEntry) => entry.sequence;

export interface AuditListProps {
  fresh: AuditPage;
  filters: ReadFilters;
  /** Set on a page of older entries, which does not change any more. */
  cursor: string | null;
  asOf: string;
  path: string;
}

/** The entries, newest first, kept live: whatever is recorded while the page is open appears on top. */
export function AuditList(props: AuditListProps) {
  const { filters, path, cursor } = props;
  const { data, loadOlder, refetch, refreshError } = useEntries(props);
  const { items, nextCursor } = data;
  const isNew = useArrivals(items);
  return (
    <>
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {items.length > 0 ? (
        <Table caption="Audit log" columns={COLUMNS}>
          {items.map((entry) => (
            <EntryRow key={entry.sequence} entry={entry} isNew={isNew(entry)} path={path} />
          ))}
        </Table>
      ) : (
        <NoEntries isFiltered={filters.isActive || cursor !== null} path={path} />
      )}
      {nextCursor && (
        <LoadMore
          to={path + toSearch(filters.typed, { before: nextCursor })}
          load={() => loadOlder(nextCursor)}
          label="Show older entries"
        />
      )}
    </>
  );
}

function useEntries({ fresh, filters, cursor, asOf }: AuditListProps) {
  const { organization } = useOrganization();
  const api = useApi();
  const pageOf = (before: string | null) => ({
    ...{ organization: organization.slug, ...filters.input },
    ...(before ? { cursor: before } : {}),
  });
  const live = useLiveData<AuditPage>({
    key: api.audit.list.queryKey(pageOf(cursor)),
    fresh,
    asOf,
    // Whatever happens in the organization may have been recorded, in the transaction that told of it: read the newest entries.
    merge: (shown) => (cursor ? shown : REFETCH),
    read: () => browserApi().audit.list.query(pageOf(cursor)),
    join: (shown, newest) => joinNewest(shown, newest, idOf),
  });
  const loadOlder = async (before: string) => {
    const older = await browserApi().audit.list.query(pageOf(before));
    live.set((shown) => joinOlder(shown, { before, older, idOf }));
  };
  return { ...live, loadOlder };
}

function EntryRow({ entry, isNew, path }: { entry: AuditEntry; isNew: boolean; path: string }) {
  const { actor, at, address, device } = entry;
  const personPath = path + toSearch({ actor: actor?.userId ?? "", kind: "", from: "", to: "" });
  return (
    <tr className={clsx("align-top", isNew && "animate-row-in")} data-testid="audit-entry">
      <Cell>
        <details className="group">
          <summary className="-mx-1 flex cursor-pointer list-none gap-1.5 rounded-md px-1 [&::-webkit-details-marker]:hidden">
            <ChevronRight
              aria-hidden
              className="mt-0.5 size-4 shrink-0 text-ink-faint transition-transform group-open:rotate-90"
            />
            <span className="min-w-0 [overflow-wrap:anywhere]">
              <span className="font-medium">{actor?.name ?? "The portal"}</span> {sentenceOf(entry)}
              <span className="block text-ink-muted text-xs md:hidden">
                <Time at={at} />
                {address && ` · ${address}`}
              </span>
            </span>
          </summary>
          <div className="pl-5.5">
            <EntryDetails entry={entry} personPath={personPath} />
          </div>
        </details>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        {address ?? "—"}
        {device && <span className="block text-ink-faint text-xs">{device}</span>}
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={at} />
      </Cell>
    </tr>
  );
}

function NoEntries({ isFiltered, path }: { isFiltered: boolean; path: string }) {
  if (isFiltered) {
    const all = (
      <ButtonLink to={path} preventScrollReset>
        Show the whole log
      </ButtonLink>
    );
    return (
      <EmptyState icon={SearchX} title="No entry matches" action={all}>
        The whole log was searched. Remove a filter, or look at a longer time.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={ScrollText} title="Nothing was recorded yet">
      From now on every change of members, roles, invites, teams, credits, keys and settings stands here: who did it,
      what it was before, and from where.
    </EmptyState>
  );
}

/** Tells entries that came after the first render from those that were there, by the highest sequence seen then. */
function useArrivals(items: AuditEntry[]): (entry: AuditEntry) => boolean {
  const seenUpTo = useRef(BigInt(items[0]?.sequence ?? "0"));
  return ({ sequence }) => BigInt(sequence) > seenUpTo.current;
}
