import { formatCredits } from "@guildhall/shared";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Hold, Lots } from "~/api/types";
import { Balance, LastKnown } from "~/components/balance";
import { Notice } from "~/components/notice";
import { RefreshNotice } from "~/components/refresh-notice";
import { refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { lastDayText } from "~/organization/dates";
import { useOrganization } from "~/organization/organization-context";
import { HoldList } from "./hold-list";
import { LotList } from "./lot-list";

const onLots = refetchOn<Lots>("wallet.balance_changed");
const onHolds = refetchOn<Hold[]>("wallet.balance_changed");

interface BalanceCardProps {
  lots: Lots;
  holds: Hold[];
  asOf: string;
}

/** What the wallet holds, what of it can be spent, in which order, and what of it ends soon. Kept live. */
export function BalanceCard({ lots: freshLots, holds: freshHolds, asOf }: BalanceCardProps) {
  const { organization, wallet } = useOrganization();
  const api = useApi();
  const input = { organization: organization.slug };
  const lots = useLiveData({
    key: api.wallets.lots.queryKey(input),
    fresh: freshLots,
    asOf,
    merge: onLots,
    read: () => browserApi().wallets.lots.query(input),
  });
  const holds = useLiveData({
    key: api.wallets.holds.queryKey(input),
    fresh: freshHolds,
    asOf,
    merge: onHolds,
    read: () => browserApi().wallets.holds.query(input),
  });
  return (
    <div className="grid gap-4">
      <ExpiringSoon lots={lots.data} />
      <section aria-label="Balance" className="rounded-lg border border-line bg-surface">
        <div className="p-4 md:p-5">
          <Figures />
        </div>
        <RefreshNotice
          message={lots.refreshError ?? holds.refreshError}
          onRetry={() => {
            lots.refetch();
            holds.refetch();
          }}
        />
        <LotList lots={lots.data} availableMicro={wallet.availableMicro} />
        <HoldList holds={holds.data} />
      </section>
    </div>
  );
}

function Figures() {
  const { wallet } = useOrganization();
  const isHeld = wallet.heldMicro !== "0";
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-2 text-ink-muted text-sm">
        Balance <LastKnown />
      </p>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-2">
        <Balance amountMicro={wallet.balanceMicro} className="font-semibold text-figure tracking-tight" />
        <span className="text-ink-muted">
          credits
          {isHeld && (
            <>
              , of which <span className="figures font-medium text-ink">{formatCredits(wallet.heldMicro)}</span> held
            </>
          )}
        </span>
      </p>
      {isHeld && (
        <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2 border-line border-t pt-3 text-sm">
          <Part label="Available" amountMicro={wallet.availableMicro} />
          <Part label="Held for work in progress" amountMicro={wallet.heldMicro} />
        </dl>
      )}
    </>
  );
}

function Part({ label, amountMicro }: { label: string; amountMicro: string }) {
  return (
    <div className="grid">
      <dt className="text-ink-muted">{label}</dt>
      <dd className="figures font-medium">{formatCredits(amountMicro)}</dd>
    </div>
  );
}

/** Credits that end within the server's horizon: how many, and when the first of them do. */
function ExpiringSoon({ lots: { lots, expiringSoon } }: { lots: Lots }) {
  if (expiringSoon.amountMicro === "0") return null;
  const first = lots.flatMap(({ expiresAt }) => expiresAt ?? []).sort()[0];
  return (
    <Notice tone="warning" title={`Expiring soon: ${formatCredits(expiringSoon.amountMicro)} credits`}>
      They end by {lastDayText(expiringSoon.before)} unless they are spent before
      {first && <>, the first of them on {lastDayText(first)}</>}. Promotional credits are spent first.
    </Notice>
  );
}
