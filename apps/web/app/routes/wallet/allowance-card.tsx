import { formatCredits } from "@guildhall/shared";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Allowance } from "~/api/types";
import { refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { monthText } from "~/organization/dates";
import { useOrganization } from "~/organization/organization-context";

const onSpending = refetchOn<Allowance>("wallet.balance_changed", "allowance.changed");

/** What the reader may still spend of the organization's credits this month. Nothing where there is no limit. */
export function AllowanceCard({ fresh, asOf }: { fresh: Allowance; asOf: string }) {
  const { organization } = useOrganization();
  const input = { organization: organization.slug };
  const { data } = useLiveData({
    key: useApi().allowances.mine.queryKey(input),
    fresh,
    asOf,
    merge: onSpending,
    read: () => browserApi().allowances.mine.query(input),
  });
  const { allowanceMicro, remainingMicro, month, timeZone } = data;
  if (allowanceMicro === null || remainingMicro === null) return null;
  if (allowanceMicro === "0") {
    return (
      <Box>
        <p>Members do not spend the organization’s credits: the monthly allowance is 0.</p>
      </Box>
    );
  }
  return (
    <Box>
      <p>
        Your allowance this month ({timeZone}):{" "}
        <strong className="figures font-medium">{formatCredits(remainingMicro)}</strong> of{" "}
        <span className="figures">{formatCredits(allowanceMicro)}</span> credits left
      </p>
      <progress
        className="meter mt-2 h-1.5 w-full max-w-96"
        aria-label={`Left of the allowance of ${monthText(month)}`}
        max={1}
        value={Number((BigInt(remainingMicro) * 1_000n) / BigInt(allowanceMicro)) / 1_000}
      />
    </Box>
  );
}

function Box({ children }: { children: React.ReactNode }) {
  return (
    <section aria-label="Your allowance" className="rounded-lg border border-line bg-surface p-4 md:px-5">
      {children}
    </section>
  );
}
