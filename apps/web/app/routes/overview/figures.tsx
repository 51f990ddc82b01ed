import { Link } from "@remix-run/react";
import { ArrowUpRight } from "lucide-react";
import type { ReactNode } from "react";
import { Balance, LastKnown } from "~/components/balance";
import { aheadOf } from "~/frame/prefetch";
import { useOrganization } from "~/organization/organization-context";

/** The organization in three figures; each leads to its page. */
export function Figures() {
  const { organization, wallet, may } = useOrganization();
  const base = `/o/${organization.slug}`;
  return (
    <dl className="grid gap-4 sm:grid-cols-3">
      <Figure label="Balance" note={<LastKnown />} unit="credits" to={`${base}/wallet`}>
        <Balance amountMicro={wallet.balanceMicro} />
      </Figure>
      <Figure label="Members" unit={organization.memberCount === 1 ? "person" : "people"} to={`${base}/members`}>
        {organization.memberCount.toLocaleString("en-US")}
      </Figure>
      <Figure label="Teams" unit="assigned" {...(may("teams.read") ? { to: `${base}/teams` } : {})}>
        {organization.teams.length.toLocaleString("en-US")}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  label: string;
  note?: ReactNode;
  unit: string;
  to?: string;
  children: ReactNode;
}

function Figure({ label, note, unit, to, children }: FigureProps) {
  return (
    <div className="group relative rounded-lg border border-line bg-surface p-4">
      <dt className="flex items-center gap-2 text-ink-muted text-sm">
        {to ? (
          <Link to={to} {...aheadOf(to)} className="after:absolute after:inset-0 after:rounded-lg">
            {label}
          </Link>
        ) : (
          label
        )}
        {note}
        {to && <ArrowUpRight aria-hidden className="ml-auto size-4 text-ink-faint group-hover:text-ink" />}
      </dt>
      <dd className="mt-1 flex flex-wrap items-baseline gap-x-2">
        <span className="figures font-semibold text-xl tracking-tight">{children}</span>
        <span className="text-ink-muted text-sm">{unit}</span>
      </dd>
    </div>
  );
}
