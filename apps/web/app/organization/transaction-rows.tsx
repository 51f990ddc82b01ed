import { formatCredits } from "@guildhall/shared";
import clsx from "clsx";
import { useRef } from "react";
import type { Transaction } from "~/api/types";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { amountText, exactCredits } from "./amount-text";
import { burnedText } from "./burned-text";
import { kindLabel } from "./kinds";

const COLUMNS: readonly Column[] = [
  { label: "Date", isWideOnly: true },
  { label: "Description", className: "w-full" },
  { label: "Amount", isFigure: true },
  { label: "Balance", isFigure: true, isWideOnly: true },
];

/** A row as it is shown; a person's own wallet does not say who did it. */
export type ShownTransaction = Omit<Transaction, "actorName" | "attributes" | "burned"> & {
  actorName?: string | null;
  burned?: Transaction["burned"];
};

interface TransactionTableProps {
  transactions: ShownTransaction[];
  caption: string;
  /** Without the running balance, for places that are narrow. */
  isBrief?: boolean;
}

/** The wallet's history in credits, newest first. Rows that arrive while the page is open are lit for a moment. */
export function TransactionTable({ transactions, caption, isBrief = false }: TransactionTableProps) {
  const isNew = useArrivals(transactions);
  return (
    <Table caption={caption} columns={isBrief ? COLUMNS.slice(0, 3) : COLUMNS}>
      {transactions.map((transaction) => (
        <TransactionRow
          key={transaction.sequence}
          transaction={transaction}
          isNew={isNew(transaction.sequence)}
          isBrief={isBrief}
        />
      ))}
    </Table>
  );
}

interface TransactionRowProps {
  transaction: ShownTransaction;
  isNew: boolean;
  isBrief: boolean;
}

function TransactionRow({ transaction, isNew, isBrief }: TransactionRowProps) {
  const { at, kind, description, actorName, amountMicro, balanceAfterMicro } = transaction;
  return (
    <tr className={clsx(isNew && "animate-row-in")} data-testid="transaction">
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={at} />
      </Cell>
      <Cell>
        <span className="flex flex-wrap items-baseline gap-x-2">
          <span>{description || kindLabel(kind)}</span>
          <span className="text-ink-faint text-xs">
            {[kindLabel(kind), actorName, burnedText(transaction.burned)].filter(Boolean).join(" · ")}
            <span className="md:hidden">
              {" · "}
              <Time at={at} />
            </span>
          </span>
        </span>
      </Cell>
      <Cell isFigure className={amountMicro.startsWith("-") ? "" : "text-positive"}>
        <span title={exactCredits(amountMicro)}>{amountText(amountMicro, { isSigned: true })}</span>
        {!isBrief && (
          <span className="block text-ink-muted text-xs md:hidden">
            <span className="sr-only">Balance </span>
            {formatCredits(balanceAfterMicro)}
          </span>
        )}
      </Cell>
      {!isBrief && (
        <Cell isFigure isWideOnly className="text-ink-muted">
          {formatCredits(balanceAfterMicro)}
        </Cell>
      )}
    </tr>
  );
}

/** Tells rows that came after the first render from those that were there, by the highest sequence seen then. */
function useArrivals(transactions: ShownTransaction[]): (sequence: string) => boolean {
  const seenUpTo = useRef(BigInt(transactions[0]?.sequence ?? "0"));
  return (sequence) => BigInt(sequence) > seenUpTo.current;
}
