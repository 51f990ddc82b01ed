import { formatCredits } from "@guildhall/shared";
import type { Lots } from "~/api/types";
import { Badge } from "~/components/badge";
import { lastDayText } from "~/organization/dates";

type Lot = Lots["lots"][number];

/** How many stand open; the rest is one press away. */
const LISTED = 4;

/** The credits by where they came from and when they end, in the order in which they are spent. Nothing without any. */
export function LotList({ lots: { lots, endedMicro }, availableMicro }: { lots: Lots; availableMicro: string }) {
  if (lots.length === 0 && endedMicro === "0") return null;
  const rest = lots.reduce(
    (left, lot) => left - BigInt(lot.remainingMicro),
    BigInt(availableMicro) - BigInt(endedMicro),
  );
  const more = lots.slice(LISTED);
  return (
    <div className="border-line border-t px-4 py-3 md:px-5">
      <h2 className="text-ink-muted text-sm">Available credits, in the order they are spent</h2>
      <ul className="mt-1.5 grid">
        {lots.slice(0, LISTED).map((lot) => (
          <LotRow key={lot.lotId} lot={lot} />
        ))}
      </ul>
      {more.length > 0 && (
        <details>
          <summary className="py-1 text-ink-muted text-sm hover:text-ink">
            {more.length.toLocaleString("en-US")} more
          </summary>
          <ul className="grid">
            {more.map((lot) => (
              <LotRow key={lot.lotId} lot={lot} />
            ))}
          </ul>
        </details>
      )}
      <ul className="grid">
        {rest > 0n && (
          <Row kind="paid" amountMicro={String(rest)}>
            does not expire
          </Row>
        )}
        {endedMicro !== "0" && (
          <Row kind="expired" amountMicro={endedMicro}>
            cannot be spent any more; leaves the balance within a minute
          </Row>
        )}
      </ul>
    </div>
  );
}

function LotRow({ lot: { kind, remainingMicro, grantedMicro, expiresAt } }: { lot: Lot }) {
  const isTouched = remainingMicro !== grantedMicro;
  return (
    <Row kind={kind} amountMicro={remainingMicro}>
      {expiresAt ? (
        <time dateTime={expiresAt} title={`${expiresAt.slice(0, 16).replace("T", ", ")} (UTC)`}>
          expires {lastDayText(expiresAt)}
        </time>
      ) : (
        "does not expire"
      )}
      {isTouched && <span className="text-ink-faint"> · of {formatCredits(grantedMicro)}</span>}
    </Row>
  );
}

const KIND_LABELS = { promotional: "Promotional", paid: "Paid", expired: "Expired" };

interface RowProps {
  kind: keyof typeof KIND_LABELS;
  amountMicro: string;
  children: React.ReactNode;
}

function Row({ kind, amountMicro, children }: RowProps) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 py-1" data-testid="lot">
      <span className="w-24 shrink-0">
        <Badge tone={kind === "promotional" ? "accent" : "neutral"}>{KIND_LABELS[kind]}</Badge>
      </span>
      <span className="figures min-w-20 text-right font-medium">{formatCredits(amountMicro)}</span>
      <span className="text-ink-muted text-sm">{children}</span>
    </li>
  );
}
