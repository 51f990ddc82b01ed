import { formatCredits } from "@guildhall/shared";
import { Link } from "@remix-run/react";
import type { AssignedTeam, AssignedTeams } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { type NamedListing, namedSearch } from "~/forms/named-listing";
import { amountText, exactCredits } from "~/organization/amount-text";
import { peopleText } from "~/organization/counts";
import { useOrganization } from "~/organization/organization-context";

const COLUMNS: readonly Column[] = [
  { label: "Team", className: "w-full" },
  { label: "People", isFigure: true, isWideOnly: true },
  { label: "Spent", isFigure: true },
  { label: "Assigned", isWideOnly: true },
];
const ACTIONS: Column = { label: "Actions", isLabelHidden: true };

interface TeamTableProps {
  assigned: AssignedTeams;
  listing: NamedListing;
}

/** A part of the assigned teams, each leading to its people; the sum of all of them below where there are several. */
export function TeamTable({ assigned: { teams, total, spentMicro }, listing }: TeamTableProps) {
  const mayAssign = useOrganization().may("teams.assign");
  return (
    <Table caption="Assigned teams" columns={mayAssign ? [...COLUMNS, ACTIONS] : COLUMNS}>
      {teams.map((team) => (
        <TeamRow key={team.teamId} {...{ team, listing, mayAssign }} />
      ))}
      {total > 1 && !listing.search && (
        <tr className="bg-sunken">
          <Cell className="text-ink-muted text-sm">All {total.toLocaleString("en-US")} teams</Cell>
          <Cell isFigure isWideOnly />
          <Cell isFigure className="font-medium">
            <span title={exactCredits(spentMicro)}>{formatCredits(spentMicro)}</span>
          </Cell>
          <Cell isWideOnly />
          {mayAssign && <Cell />}
        </tr>
      )}
    </Table>
  );
}

function TeamRow({ team, listing, mayAssign }: { team: AssignedTeam; listing: NamedListing; mayAssign: boolean }) {
  const { teamId, name, memberCount, spentMicro, assignedAt } = team;
  const { organization } = useOrganization();
  return (
    <tr data-testid="team">
      <Cell>
        <Link to={`/o/${organization.slug}/teams/${teamId}`} className="font-medium hover:underline">
          {name}
        </Link>
        <span className="block text-ink-muted text-xs md:hidden">{peopleText(memberCount)}</span>
      </Cell>
      <Cell isFigure isWideOnly>
        {memberCount.toLocaleString("en-US")}
      </Cell>
      <Cell isFigure>
        <span title={exactCredits(spentMicro)}>{amountText(spentMicro, { isSigned: false })}</span>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        {assignedAt && <Time at={assignedAt} />}
      </Cell>
      {mayAssign && (
        <Cell className="text-right">
          <ButtonLink
            look="quiet"
            size="sm"
            to={namedSearch(listing, { dialog: "remove", team: teamId })}
            preventScrollReset
          >
            Remove<span className="sr-only"> {name}</span>
          </ButtonLink>
        </Cell>
      )}
    </tr>
  );
}
