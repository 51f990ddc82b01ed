import { formatCredits, formatSignedCredits } from "@guildhall/shared";
import clsx from "clsx";
import { useRef } from "react";
import type { Transaction } from "~/api/types";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { kindLabel } from "./kinds";

const COLUMNS: readonly Column[] = [
  { label: "Date" },
  { label: "Description", className: "w-full" },
  { label: "Amount (credits)", isFigure: true },
  { label: "Balance (credits)", isFigure: true, isWideOnly: true },
];

/** The wallet's history as a table, newest first. Rows that arrive while the page is open are lit for a moment. */
export function TransactionTable({ transactions, caption }: { transactions: Transaction[]; caption: string }) {
  const isNew = useArrivals(transactions);
  return (
    <Table caption={caption} columns={COLUMNS}>
      {transactions.map((transaction) => (
        <TransactionRow key={transaction.sequence} transaction={transaction} isNew={isNew(transaction.sequence)} />
      ))}
    </Table>
  );
}

function TransactionRow({ transaction, isNew }: { transaction: Transaction; isNew: boolean }) {
  const { at, kind, description, actorName, amountMicro, balanceAfterMicro } = transaction;
  return (
    <tr className={clsx(isNew && "animate-row-in")} data-testid="transaction">
      <Cell className="whitespace-nowrap text-ink-muted">
        <Time at={at} />
      </Cell>
      <Cell>
        <span className="grid gap-0.5">
          <span>{description || kindLabel(kind)}</span>
          <span className="text-ink-muted text-xs">
            {kindLabel(kind)}
            {actorName && ` · ${actorName}`}
          </span>
        </span>
      </Cell>
      <Cell isFigure className={amountMicro.startsWith("-") ? "" : "text-positive"}>
        {formatSignedCredits(amountMicro)}
        <span className="block text-ink-muted text-xs md:hidden">
          <span className="sr-only">Balance </span>
          {formatCredits(balanceAfterMicro)}
        </span>
      </Cell>
      <Cell isFigure isWideOnly className="text-ink-muted">
        {formatCredits(balanceAfterMicro)}
      </Cell>
    </tr>
  );
}

/** Tells rows that came after the first render from those that were there, by the highest sequence seen then. */
function useArrivals(transactions: Transaction[]): (sequence: string) => boolean {
  const seenUpTo = useRef(BigInt(transactions[0]?.sequence ?? "0"));
  return (sequence) => BigInt(sequence) > seenUpTo.current;
}
