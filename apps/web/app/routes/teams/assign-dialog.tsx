import { useEffect, useState } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { AssignableTeam } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Field } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { TextLink } from "~/components/text-link";
import { resultOf } from "~/forms/form-result";
import { type NamedListing, namedSearch } from "~/forms/named-listing";
import { enterpriseTeams } from "~/frame/links";
import { usePortal } from "~/frame/portal-context";
import { refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { peopleText } from "~/organization/counts";
import { useOrganization } from "~/organization/organization-context";

const onTeams = refetchOn<AssignableTeam[]>("team.assigned", "team.removed");

interface AssignDialogProps {
  fresh: AssignableTeam[];
  listing: NamedListing;
  asOf: string;
  answer: unknown;
}

/** Chooses a team of the enterprise and confirms what it may do then (S0.10). Those assigned elsewhere are shown and cannot be chosen. */
export function AssignDialog({ fresh, listing, asOf, answer }: AssignDialogProps) {
  const { organization } = useOrganization();
  const closeTo = `/o/${organization.slug}/teams${namedSearch(listing)}`;
  const teams = useAssignable(fresh, asOf);
  const result = resultOf(answer, "assign");
  return (
    <Dialog
      title="Assign Team"
      closeTo={closeTo}
      description={`A team of ${organization.enterpriseName} is assigned to one organization at a time.`}
    >
      {teams.some(({ isFree }) => isFree) ? (
        <ActionForm intent="assign" result={result}>
          <TeamChoice teams={teams} initial={result?.values.teamId ?? ""} error={result?.fieldErrors.teamId} />
          <DialogActions>
            <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
              Cancel
            </ButtonLink>
            <SubmitButton pendingLabel="Assigning…">Assign Team</SubmitButton>
          </DialogActions>
        </ActionForm>
      ) : (
        <NoFreeTeam isNone={teams.length === 0} closeTo={closeTo} />
      )}
    </Dialog>
  );
}

function TeamChoice({
  teams,
  initial,
  error,
}: {
  teams: AssignableTeam[];
  initial: string;
  error: string | undefined;
}) {
  const { organization } = useOrganization();
  const [chosenId, setChosenId] = useState(initial);
  const chosen = teams.find(({ teamId }) => teamId === chosenId);
  const who = chosen?.memberCount ? peopleText(chosen.memberCount) : "Its people";
  const hint = `${who} may then spend from the wallet of ${organization.name}, as far as its spend policy allows.`;
  return (
    <Field name="teamId" label="Team" error={error} hint={hint}>
      {(control) => (
        <select
          {...control}
          required
          // biome-ignore lint/a11y/noAutofocus: the dialog's only field.
          autoFocus
          value={chosenId}
          onChange={(event) => setChosenId(event.target.value)}
          className="h-9 w-full rounded-md border border-line-control bg-surface px-2 aria-[invalid=true]:border-danger"
        >
          <option value="">Choose a team…</option>
          {teams.map(({ teamId, name, isFree }) => (
            <option key={teamId} value={teamId} disabled={!isFree}>
              {isFree ? name : `${name} (assigned to another organization)`}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Where a team comes from: its enterprise makes it, or another organization lets it go. */
function NoFreeTeam({ isNone, closeTo }: { isNone: boolean; closeTo: string }) {
  const { organization } = useOrganization();
  const own = usePortal().enterprises.find(({ name }) => name === organization.enterpriseName);
  return (
    <div className="grid gap-4">
      <p className="text-ink-muted">
        {isNone
          ? `${organization.enterpriseName} has no other team.`
          : "Every other team is assigned to another organization, and has to be removed there first."}{" "}
        {own ? (
          <>
            You can make one under <TextLink to={enterpriseTeams(own.slug)}>Enterprise teams</TextLink>.
          </>
        ) : (
          "An admin of the enterprise can make one."
        )}
      </p>
      <DialogActions>
        <ButtonLink to={closeTo} replace preventScrollReset>
          Close
        </ButtonLink>
      </DialogActions>
    </div>
  );
}

/** Read anew when the dialog opens: a team of another organization becomes free without this one's log saying so. */
function useAssignable(fresh: AssignableTeam[], asOf: string): AssignableTeam[] {
  const input = { organization: useOrganization().organization.slug };
  const { data, refetch } = useLiveData({
    key: useApi().teams.assignable.queryKey(input),
    fresh,
    asOf,
    merge: onTeams,
    read: () => browserApi().teams.assignable.query(input),
  });
  useEffect(() => refetch(), [refetch]);
  return data;
}
