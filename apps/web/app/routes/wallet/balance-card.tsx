import { formatCredits } from "@guildhall/shared";
import { Balance, LastKnown } from "~/components/balance";
import { useOrganization } from "~/organization/organization-context";

/** What the wallet holds, and what of it can be spent. */
export function BalanceCard() {
  const { wallet } = useOrganization();
  const isHeld = wallet.heldMicro !== "0";
  return (
    <section aria-label="Balance" className="rounded-lg border border-line bg-surface p-4 md:p-5">
      <p className="flex flex-wrap items-center gap-x-2 text-ink-muted text-sm">
        Balance <LastKnown />
      </p>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-2">
        <Balance amountMicro={wallet.balanceMicro} className="font-semibold text-figure tracking-tight" />
        <span className="text-ink-muted">credits</span>
      </p>
      {isHeld && (
        <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2 border-line border-t pt-3 text-sm">
          <Part label="Available" amountMicro={wallet.availableMicro} />
          <Part label="Held for work in progress" amountMicro={wallet.heldMicro} />
        </dl>
      )}
    </section>
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
