import { formatCredits } from "@guildhall/shared";
import type { Hold } from "~/api/types";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";

const COLUMNS: readonly Column[] = [
  { label: "For", className: "w-full" },
  { label: "Reserved", isFigure: true },
  { label: "At most", isFigure: true, isWideOnly: true },
  { label: "Released", isWideOnly: true },
];

/** What is reserved for work in progress, folded up. Nothing without any. */
export function HoldList({ holds }: { holds: Hold[] }) {
  if (holds.length === 0) return null;
  return (
    <details className="border-line border-t">
      <summary className="px-4 py-3 text-ink-muted text-sm hover:text-ink md:px-5">
        {holds.length.toLocaleString("en-US")} open {holds.length === 1 ? "hold" : "holds"}
      </summary>
      <Table caption="Open holds" columns={COLUMNS}>
        {holds.map((hold) => (
          <tr key={hold.holdId} data-testid="hold">
            <Cell className="wrap-anywhere">
              {hold.description}
              <Person hold={hold} />
              <span className="block text-ink-muted text-xs md:hidden">
                at most {atMost(hold)}, released <Time at={hold.expiresAt} />
              </span>
            </Cell>
            <Cell isFigure>{formatCredits(hold.amountMicro)}</Cell>
            <Cell isFigure isWideOnly>
              {atMost(hold)}
            </Cell>
            <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
              <Time at={hold.expiresAt} />
            </Cell>
          </tr>
        ))}
      </Table>
    </details>
  );
}

/** In whose name it is, and what it is meant to be used on. */
function Person({ hold: { memberName, model } }: { hold: Hold }) {
  const named = [memberName, model].filter(Boolean).join(" · ");
  return named && <span className="block text-ink-muted text-xs">{named}</span>;
}

function atMost({ amountMicro, toleranceMicro }: Hold): string {
  return formatCredits(BigInt(amountMicro) + BigInt(toleranceMicro));
}
