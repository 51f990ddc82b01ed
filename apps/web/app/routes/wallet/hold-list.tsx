import { formatCredits } from "@guildhall/shared";
import type { Hold } from "~/api/types";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";

const COLUMNS: readonly Column[] = [
  { label: "For", className: "w-full" },
  { label: "Reserved", isFigure: true },
  { label: "At most", isFigure: true },
  { label: "Released", className: "whitespace-nowrap" },
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
        {holds.map(({ holdId, amountMicro, toleranceMicro, expiresAt, description, memberName, model }) => (
          <tr key={holdId} data-testid="hold">
            <Cell className="wrap-anywhere">
              {description}
              <Aside>{[memberName, model].filter(Boolean).join(" · ")}</Aside>
            </Cell>
            <Cell isFigure>{formatCredits(amountMicro)}</Cell>
            <Cell isFigure>{formatCredits(BigInt(amountMicro) + BigInt(toleranceMicro))}</Cell>
            <Cell className="whitespace-nowrap text-ink-muted">
              <Time at={expiresAt} />
            </Cell>
          </tr>
        ))}
      </Table>
    </details>
  );
}

function Aside({ children }: { children: string }) {
  return children && <span className="block text-ink-muted text-xs">{children}</span>;
}
