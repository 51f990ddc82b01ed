import { useSearchParams } from "@remix-run/react";
import { SearchX } from "lucide-react";
import { useMemo, useRef } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { MemberPage } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { LoadMore } from "~/components/load-more";
import { RefreshNotice } from "~/components/refresh-notice";
import { type Column, Table } from "~/components/table";
import { usePortal } from "~/frame/portal-context";
import { joinMemberPage, mergeMemberPage } from "~/live/merge-member-page";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { mayTouch } from "~/organization/roles";
import { BulkRemoveDialog, BulkRoleDialog } from "./bulk-dialogs";
import { hasBulk } from "./bulk-result";
import { MemberDialogs } from "./member-dialogs";
import { type MemberListing, type Sort, toPageInput, toSearch } from "./member-listing";
import { MemberRow } from "./member-row";
import { SelectionBar } from "./selection-bar";
import { type Selection, useSelection } from "./use-selection";

/** How many rows are read again when something happened: as many as are shown, within these. */
const LEAST_READ_AGAIN = 50;
const MOST_READ_AGAIN = 500;

interface MemberListProps {
  fresh: MemberPage;
  listing: MemberListing;
  asOf: string;
  /** What the page's action answered. */
  answer: unknown;
  path: string;
}

/** The organization's people, part by part, kept live; with the dialogs about one of them, or about those who are ticked. */
export function MemberList(props: MemberListProps) {
  const { listing, path } = props;
  const { data, loadMore, refetch, refreshError } = useMembers(props);
  const { organization, may } = useOrganization();
  const mayChoose = may("members.change_role") || may("members.remove");
  const choosable = useMemo(
    () => (mayChoose ? data.items.filter(({ isYou, role }) => !isYou && mayTouch(organization.role, role)) : []),
    [data.items, mayChoose, organization.role],
  );
  const selection = useSelection(choosable, hasBulk(props.answer) ? props.answer : null);
  const here = path + toSearch(listing, { cursor: listing.cursor });
  const openDialog = (dialog: string, member?: string) => {
    const search = new URLSearchParams(toSearch(listing, { cursor: listing.cursor }));
    search.set("dialog", dialog);
    if (member) search.set("member", member);
    return `${path}?${search}`;
  };
  return (
    <>
      <Card isFlush className="overflow-hidden">
        <RefreshNotice message={refreshError} onRetry={refetch} />
        <SelectionBar {...{ selection, openDialog }} total={data.total} shown={data.items.length} />
        {data.items.length === 0 ? (
          <Nobody path={path} />
        ) : (
          <Table caption="Members" columns={columnsOf(listing, path)}>
            {data.items.map((member) => (
              <MemberRow key={member.userId} {...{ member, selection, openDialog }} />
            ))}
          </Table>
        )}
        {data.nextCursor && (
          <LoadMore
            to={path + toSearch(listing, { cursor: data.nextCursor })}
            load={() => loadMore(data.nextCursor ?? "")}
            label="Show more members"
          />
        )}
        {listing.cursor && <BackToFirst to={path + toSearch(listing)} />}
      </Card>
      <MemberDialogs members={data.items} ownerCount={data.ownerCount} answer={props.answer} closeTo={here} />
      <BulkDialogs selection={selection} closeTo={here} />
    </>
  );
}

/** The rows as the loader read them, then as they come. Further ones are appended on demand. */
function useMembers({ fresh, listing, asOf }: MemberListProps) {
  const { organization } = useOrganization();
  const { me } = usePortal();
  const api = useApi();
  const input = { organization: organization.slug, ...toPageInput(listing) };
  const { sort, order, cursor } = listing;
  const isFiltered = listing.search !== "" || listing.role !== "" || listing.seat !== "";
  const isLater = cursor !== null;
  const key = api.members.page.queryKey(input);
  const shownCount = useRef(fresh.items.length);
  const live = useLiveData<MemberPage>({
    key,
    fresh,
    asOf,
    merge: useMemo(
      () => mergeMemberPage(me.id, { sort, order, isFiltered, isLater }),
      [me.id, sort, order, isFiltered, isLater],
    ),
    read: () => {
      const limit = Math.min(MOST_READ_AGAIN, Math.max(LEAST_READ_AGAIN, shownCount.current));
      return browserApi().members.page.query({ ...input, limit });
    },
    join: joinMemberPage,
  });
  shownCount.current = live.data.items.length;
  const loadMore = async (after: string) => {
    const more = await browserApi().members.page.query({ ...input, cursor: after });
    live.set((shown) => {
      const known = new Set(shown.items.map(({ userId }) => userId));
      return { ...more, items: [...shown.items, ...more.items.filter(({ userId }) => !known.has(userId))] };
    });
  };
  return { ...live, loadMore };
}

function BackToFirst({ to }: { to: string }) {
  return (
    <p className="border-line border-t p-3 text-center">
      <ButtonLink size="sm" look="quiet" to={to}>
        Back to the first
      </ButtonLink>
    </p>
  );
}

function BulkDialogs({ selection: { chosen }, closeTo }: { selection: Selection; closeTo: string }) {
  const [search] = useSearchParams();
  const { may } = useOrganization();
  const dialog = search.get("dialog");
  if (chosen.length === 0) return null;
  if (dialog === "bulk-role" && may("members.change_role")) return <BulkRoleDialog {...{ chosen, closeTo }} />;
  if (dialog === "bulk-remove" && may("members.remove")) return <BulkRemoveDialog {...{ chosen, closeTo }} />;
  return null;
}

function Nobody({ path }: { path: string }) {
  return (
    <EmptyState icon={SearchX} title="Nobody matches" action={<ButtonLink to={path}>Show everybody</ButtonLink>}>
      No member has this name, e-mail, role or seat.
    </EmptyState>
  );
}

function columnsOf(listing: MemberListing, path: string): Column[] {
  const sort = (by: Sort) => {
    const isBy = listing.sort === by;
    const order = isBy && listing.order === "asc" ? "desc" : "asc";
    return {
      to: path + toSearch(listing, { sort: by, order }),
      order: isBy ? (listing.order === "asc" ? ("ascending" as const) : ("descending" as const)) : null,
    };
  };
  return [
    { label: "Name", className: "w-full", sort: sort("name") },
    { label: "Role", isWideOnly: true, sort: sort("role") },
    // Beside the menu there is room for these on large screens only; the seat then stands with the role.
    { label: "Seat", className: "max-lg:hidden" },
    { label: "Joined", className: "max-lg:hidden", sort: sort("joined") },
    { label: "Actions", isLabelHidden: true },
  ];
}
