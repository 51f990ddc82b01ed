import { formatCredits } from "@guildhall/shared";
import type { ReactNode } from "react";
import type { PlatformOrganization } from "~/api/types";
import { Time } from "~/components/time";
import { exactCredits } from "~/organization/amount-text";

interface Shown {
  organization: PlatformOrganization;
}

/** What the wallet holds and has given. */
export function Money({ organization: { money } }: Shown) {
  return (
    <dl className="grid gap-2">
      <Row label="Balance">
        <Credits amountMicro={money.balanceMicro} />
      </Row>
      <Row label="Held">
        <Credits amountMicro={money.heldMicro} />
      </Row>
      <Row label="Available">
        <Credits amountMicro={money.availableMicro} />
      </Row>
      <Row label="Spent in all">
        <Credits amountMicro={money.spentMicro} />
      </Row>
      <Row label="Transactions">{money.transactionCount.toLocaleString("en-US")}</Row>
    </dl>
  );
}

/** How many of what there are. */
export function Counts({ organization: { counts } }: Shown) {
  const rows: [string, number][] = [
    ["Owners", counts.owners],
    ["Admins", counts.admins],
    ["Billing admins", counts.billingAdmins],
    ["Members", counts.members],
    ["Open invites", counts.openInvites],
    ["Teams assigned", counts.teams],
    ["API keys", counts.apiKeys],
  ];
  return (
    <dl className="grid gap-2">
      {rows.map(([label, count]) => (
        <Row key={label} label={label}>
          {count.toLocaleString("en-US")}
        </Row>
      ))}
    </dl>
  );
}

/** Whose it is, and since when. */
export function About({ organization: { enterpriseName, code, createdAt, isSetUp } }: Shown) {
  return (
    <dl className="grid gap-2">
      <Row label="Enterprise">{enterpriseName}</Row>
      {code && <Row label="Code">{code}</Row>}
      <Row label="Created">
        <Time at={createdAt} />
      </Row>
      <Row label="Setup">{isSetUp ? "Done" : "Open"}</Row>
    </dl>
  );
}

function Credits({ amountMicro }: { amountMicro: string }) {
  return <span title={exactCredits(amountMicro)}>{formatCredits(amountMicro)}</span>;
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-ink-muted">{label}</dt>
      <dd className="figures text-right font-medium">{children}</dd>
    </div>
  );
}
