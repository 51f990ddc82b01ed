import type { RouterOutputs } from "@guildhall/api";
import { formatCredits } from "@guildhall/shared";
import type { ReactNode } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import { Badge } from "~/components/badge";
import { Card } from "~/components/card";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import type { Merge } from "~/live/merge";
import { REFETCH } from "~/live/merge";
import { useLiveData } from "~/live/use-live-data";
import { amountText, exactCredits } from "~/organization/amount-text";
import { monthText } from "~/organization/dates";
import { kindLabel } from "~/organization/kinds";
import { useOrganization } from "~/organization/organization-context";

type Statement = RouterOutputs["wallets"]["statement"];

const COLUMNS: readonly Column[] = [
  { label: "Kind", className: "w-full" },
  { label: "Transactions", isFigure: true },
  { label: "Credits", isFigure: true },
];

/** A month that is over does not change any more; the running one follows the wallet. */
const mergeStatement: Merge<Statement> = (statement, event) =>
  event.type === "wallet.balance_changed" && !statement.isFinal ? REFETCH : statement;

/** One month: what there was, what came and went by kind, what was left. */
export function StatementCard({ fresh, asOf }: { fresh: Statement; asOf: string }) {
  const { organization } = useOrganization();
  const input = { organization: organization.slug, month: fresh.month };
  const { data, refetch, refreshError } = useLiveData({
    key: useApi().wallets.statement.queryKey(input),
    fresh,
    asOf,
    merge: mergeStatement,
    read: () => browserApi().wallets.statement.query(input),
  });
  const { month, timeZone, isFinal, openingMicro, closingMicro, totals } = data;
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          {monthText(month)}
          {!isFinal && <Badge tone="accent">Still running</Badge>}
        </span>
      }
      description={`${organization.name}, whole month in ${timeZone}, in credits that could be spent.`}
      isFlush
    >
      <RefreshNotice message={refreshError} onRetry={refetch} />
      <Table caption={`Statement of ${monthText(month)}`} columns={COLUMNS}>
        <Bound label="Opening balance" amountMicro={openingMicro} />
        {totals.map(({ kind, count, amountMicro }) => (
          <tr key={kind} data-testid="statement-total">
            <Cell>{kindLabel(kind)}</Cell>
            <Cell isFigure className="text-ink-muted">
              {count.toLocaleString("en-US")}
            </Cell>
            <Cell isFigure className={amountMicro.startsWith("-") ? "" : "text-positive"}>
              <span title={exactCredits(amountMicro)}>{amountText(amountMicro, { isSigned: true })}</span>
            </Cell>
          </tr>
        ))}
        {totals.length === 0 && (
          <tr>
            <Cell colSpan={3} className="text-ink-muted">
              {isFinal ? "Nothing moved in this month." : "Nothing has moved in this month so far."}
            </Cell>
          </tr>
        )}
        <Bound label={isFinal ? "Closing balance" : "Balance so far"} amountMicro={closingMicro} />
      </Table>
    </Card>
  );
}

function Bound({ label, amountMicro }: { label: ReactNode; amountMicro: string }) {
  return (
    <tr className="bg-sunken font-medium" data-testid="statement-bound">
      <Cell colSpan={2}>{label}</Cell>
      <Cell isFigure>
        <span title={exactCredits(amountMicro)}>{formatCredits(amountMicro)}</span>
      </Cell>
    </tr>
  );
}
