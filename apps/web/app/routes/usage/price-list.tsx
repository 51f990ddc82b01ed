import { formatCredits } from "@guildhall/shared";
import { Tags } from "lucide-react";
import type { Price } from "~/api/types";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";

const COLUMNS: readonly Column[] = [
  { label: "Model", className: "w-full" },
  { label: "Input", isFigure: true },
  { label: "Output", isFigure: true },
  { label: "Since", isWideOnly: true },
];

/** What each model costs now. */
export function PriceList({ prices }: { prices: Price[] }) {
  return (
    <Card title="Prices" description="Credits per million tokens." isFlush>
      {prices.length === 0 ? (
        <EmptyState icon={Tags} title="No prices yet">
          The platform sets what each model costs. Until then no usage can be recorded.
        </EmptyState>
      ) : (
        <Table caption="Prices in credits per million tokens" columns={COLUMNS}>
          {prices.map(({ model, inputMicroPerMillion, outputMicroPerMillion, effectiveFrom }) => (
            <tr key={`${model} ${effectiveFrom}`}>
              <Cell>{model}</Cell>
              <Cell isFigure>{formatCredits(inputMicroPerMillion)}</Cell>
              <Cell isFigure>{formatCredits(outputMicroPerMillion)}</Cell>
              <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
                <Time at={effectiveFrom} />
              </Cell>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
