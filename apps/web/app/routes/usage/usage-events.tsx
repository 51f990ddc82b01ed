import { ChartNoAxesColumn } from "lucide-react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { UsageEvent, UsagePage } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { LoadMore } from "~/components/load-more";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { useLiveRows } from "~/live/use-live-rows";
import { amountText, exactCredits } from "~/organization/amount-text";
import { useOrganization } from "~/organization/organization-context";

const COLUMNS: readonly Column[] = [
  { label: "Date", isWideOnly: true },
  { label: "Agent", className: "w-full" },
  { label: "Member", isWideOnly: true },
  { label: "Model", isWideOnly: true },
  { label: "Input tokens", isFigure: true, isWideOnly: true },
  { label: "Output tokens", isFigure: true, isWideOnly: true },
  { label: "Credits", isFigure: true },
];

const idOf = (event: UsageEvent) => event.id;

interface UsageEventsProps {
  fresh: UsagePage;
  cursor: string | null;
  asOf: string;
}

/** What was used, newest first, kept live. */
export function UsageEvents({ fresh, cursor, asOf }: UsageEventsProps) {
  const { organization } = useOrganization();
  const api = useApi();
  const pageOf = (before?: string) => ({ organization: organization.slug, ...(before ? { cursor: before } : {}) });
  const { items, nextCursor, loadOlder, refetch, refreshError } = useLiveRows({
    key: api.usage.list.queryKey(pageOf(cursor ?? undefined)),
    fresh,
    asOf,
    cursor,
    readPage: (before) => browserApi().usage.list.query(pageOf(before)),
    idOf,
  });
  const newest = cursor && (
    <ButtonLink size="sm" look="quiet" to={`/o/${organization.slug}/usage`}>
      Back to the newest
    </ButtonLink>
  );
  return (
    <Card title="Usage events" isFlush actions={newest}>
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {items.length === 0 ? (
        <NoUsage />
      ) : (
        <Table caption="Usage events" columns={COLUMNS}>
          {items.map((event) => (
            <UsageRow key={event.id} event={event} />
          ))}
        </Table>
      )}
      {nextCursor && (
        <LoadMore to={`?before=${nextCursor}`} load={() => loadOlder(nextCursor)} label="Show older usage" />
      )}
    </Card>
  );
}

function NoUsage() {
  const { organization, may } = useOrganization();
  const keys = `/o/${organization.slug}/settings/api-keys`;
  return (
    <EmptyState
      icon={ChartNoAxesColumn}
      title="No usage yet"
      action={may("api_keys.manage") && <ButtonLink to={keys}>Create an API key</ButtonLink>}
    >
      Agents report what they use to POST /api/v1/usage with one of the organization’s API keys. Every use then stands
      here.
    </EmptyState>
  );
}

function UsageRow({ event }: { event: UsageEvent }) {
  const { at, agent, memberName, model, inputTokens, outputTokens, amountMicro } = event;
  return (
    <tr data-testid="usage-event">
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={at} />
      </Cell>
      <Cell>
        {agent}
        <span className="block text-ink-muted text-xs md:hidden">
          {[memberName, model, `${count(inputTokens)} in, ${count(outputTokens)} out`].filter(Boolean).join(" · ")}
          {" · "}
          <Time at={at} />
        </span>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap">
        {memberName ?? <span className="text-ink-faint">—</span>}
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap">
        {model}
      </Cell>
      <Cell isFigure isWideOnly>
        {count(inputTokens)}
      </Cell>
      <Cell isFigure isWideOnly>
        {count(outputTokens)}
      </Cell>
      <Cell isFigure>
        <span title={exactCredits(amountMicro)}>{amountText(amountMicro, { isSigned: false })}</span>
      </Cell>
    </tr>
  );
}

function count(tokens: number | string): string {
  return BigInt(tokens).toLocaleString("en-US");
}
