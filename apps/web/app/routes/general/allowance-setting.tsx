import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Allowance } from "~/api/types";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { resultOf } from "~/forms/form-result";
import { refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { exactCredits } from "~/organization/amount-text";
import { useOrganization } from "~/organization/organization-context";
import { holdersOf } from "~/organization/roles";
import { useDraft } from "~/organization/use-draft";

const onChange = refetchOn<Allowance>("allowance.changed");

interface AllowanceSettingProps {
  fresh: Allowance;
  asOf: string;
  answer: unknown;
}

/** What one member may spend of the wallet in a month (S1.15): empty for no limit, 0 for nothing. */
export function AllowanceSetting({ fresh, asOf, answer }: AllowanceSettingProps) {
  const { organization, may } = useOrganization();
  const input = { organization: organization.slug };
  const { data } = useLiveData({
    key: useApi().allowances.mine.queryKey(input),
    fresh,
    asOf,
    merge: onChange,
    read: () => browserApi().allowances.mine.query(input),
  });
  const result = resultOf(answer, "allowance");
  const mayChange = may("wallet.adjust");
  const { allowanceMicro } = data;
  const current = allowanceMicro === null ? "" : exactCredits(allowanceMicro).replace(/ credits$/, "");
  // Without JavaScript a refused form comes back with what was typed.
  const [text, setText] = useDraft(current, result?.values.allowance);
  return (
    <Card title="Monthly Allowance per Member">
      <ActionForm intent="allowance" result={result}>
        <input type="hidden" name="previousAllowance" value={current} />
        <TextField
          name="allowance"
          label="Allowance"
          unit="credits"
          inputMode="decimal"
          autoComplete="off"
          placeholder="No limit"
          className="figures"
          readOnly={!mayChange}
          value={text}
          onChange={(event) => setText(event.target.value)}
          error={result?.fieldErrors.allowance}
          hint={mayChange ? HINT : `${HINT_READ} Only ${holdersOf("wallet.adjust")} can change it.`}
        />
        {mayChange && (
          <div>
            <SubmitButton pendingLabel="Setting…">Set allowance</SubmitButton>
          </div>
        )}
      </ActionForm>
    </Card>
  );
}

const HINT_READ = "What each member may spend of the wallet in a calendar month (UTC).";
const HINT = `${HINT_READ} Empty: no limit. 0: no spending. It also counts what was spent this month already.`;
