import type { ReactNode } from "react";
import type { SpendPolicy } from "~/api/types";
import { exactCredits } from "~/organization/amount-text";
import { roleLabel } from "~/organization/roles";

/** The policy in words, for those who may not change it. */
export function PolicySummary({ policy }: { policy: SpendPolicy }) {
  const { roles, teamsMaySpend, perSpendLimitMicro, teamMonthlyLimitMicro, models } = policy;
  return (
    <dl className="grid">
      <Row term="Roles that may spend">{roles.length > 0 ? roles.map(roleLabel).join(", ") : "None"}</Row>
      <Row term="People of assigned teams">{teamsMaySpend ? "May spend" : "May not spend"}</Row>
      <Row term="Limit for one charge">{limitText(perSpendLimitMicro)}</Row>
      <Row term="Each team in a month (UTC)">{limitText(teamMonthlyLimitMicro)}</Row>
      <Row term="Models">{models ? models.join(", ") : "Every model"}</Row>
    </dl>
  );
}

function Row({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 border-line px-4 py-2.5 not-first:border-t sm:grid-cols-[14rem_1fr]">
      <dt className="text-ink-muted">{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function limitText(amountMicro: string | null): string {
  return amountMicro === null ? "No limit" : exactCredits(amountMicro);
}
