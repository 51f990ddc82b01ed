import { useSearchParams } from "@remix-run/react";
import { Badge } from "~/components/badge";
import { ButtonLink, DisabledButton } from "~/components/button";
import { Card } from "~/components/card";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { TextLink } from "~/components/text-link";
import { resultOf } from "~/forms/form-result";
import { memberCountText } from "~/organization/counts";
import { useOrganization } from "~/organization/organization-context";
import { holdersOf } from "~/organization/roles";

/** How many members have none; null for those who may not know. */
export type SecondFactorGap = { lackingCount: number; isOwnMissing: boolean } | null;

const NEEDS_OWN = "Set up a second factor for yourself first";

/** Whether the organization keeps out members without a second factor. */
export function SecondFactorSetting({ gap, answer }: { gap: SecondFactorGap; answer: unknown }) {
  const { organization } = useOrganization();
  const [search] = useSearchParams();
  const isRequired = organization.requiresSecondFactor;
  return (
    <Card
      title="Second factor"
      actions={<Badge tone={isRequired ? "positive" : "neutral"}>{isRequired ? "Required" : "Not required"}</Badge>}
    >
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-[48ch] text-ink-muted">
          {isRequired
            ? "Members sign in with a second factor. Whoever has none sees nothing of the organization until it is set up."
            : "Members may sign in with their password alone."}{" "}
          {!gap && `Only ${holdersOf("organization.secure")} can change this.`}
          {gap?.isOwnMissing && !isRequired && (
            <>
              {NEEDS_OWN} under <TextLink to="/settings/security">Security</TextLink>.
            </>
          )}
        </p>
        {gap && <Change isRequired={isRequired} gap={gap} />}
      </div>
      {gap && !isRequired && !gap.isOwnMissing && search.get("dialog") === "require-second-factor" && (
        <RequireDialog lackingCount={gap.lackingCount} answer={answer} />
      )}
    </Card>
  );
}

function Change({ isRequired, gap }: { isRequired: boolean; gap: NonNullable<SecondFactorGap> }) {
  if (isRequired)
    return (
      <ActionForm intent="second-factor" className="">
        <input type="hidden" name="isRequired" value="false" />
        <SubmitButton look="secondary" pendingLabel="Changing…">
          Require it no longer
        </SubmitButton>
      </ActionForm>
    );
  if (gap.isOwnMissing) return <DisabledButton reason={NEEDS_OWN}>Require a second factor</DisabledButton>;
  return (
    <ButtonLink to="?dialog=require-second-factor" preventScrollReset>
      Require a second factor
    </ButtonLink>
  );
}

function RequireDialog({ lackingCount, answer }: { lackingCount: number; answer: unknown }) {
  const { organization } = useOrganization();
  const closeTo = `/o/${organization.slug}/settings/general`;
  return (
    <Dialog title="Require a second factor?" closeTo={closeTo}>
      <ActionForm intent="second-factor" result={resultOf(answer, "second-factor")}>
        <input type="hidden" name="isRequired" value="true" />
        <p className="text-ink-muted">
          {lackingCount === 0
            ? "All members have one already. Whoever joins later sets one up first."
            : `${memberCountText(lackingCount)} ${lackingCount === 1 ? "has" : "have"} none: they are kept out at once, and told how to set one up. Programs with API keys go on.`}
        </p>
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Requiring…">Require it</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
