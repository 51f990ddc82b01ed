import { UserPlus } from "lucide-react";
import { useEffect, useRef } from "react";
import type { EnterpriseTeam } from "~/api/types";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { EmptyPart, NamedPages, NameSearch } from "~/components/named-pages";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import type { NamedListing } from "~/forms/named-listing";
import { peopleText } from "~/organization/counts";

const COLUMNS: readonly Column[] = [
  { label: "Person", className: "w-full" },
  { label: "Added", isWideOnly: true },
  { label: "Actions", isLabelHidden: true },
];

interface PeopleCardProps {
  team: EnterpriseTeam;
  listing: NamedListing;
  answer: unknown;
}

/** Who is in a team, part by part, with the form that adds somebody by their e-mail. */
export function PeopleCard({ team, listing, answer }: PeopleCardProps) {
  const isPart = listing.search !== "" || listing.cursor !== null;
  return (
    <Card title={peopleText(team.memberCount)} isFlush className="overflow-hidden">
      <AddPerson peopleCount={team.memberCount} answer={answer} />
      {(isPart || team.nextCursor) && (
        <div className="border-line border-b p-4">
          <NameSearch listing={listing} label="Search people by name or e-mail" placeholder="Name or e-mail" />
        </div>
      )}
      {team.people.length === 0 && isPart ? (
        <EmptyPart listing={listing} what="person" field="name or e-mail" />
      ) : team.people.length === 0 ? (
        <EmptyState icon={UserPlus} title="Nobody is in this team yet">
          Add people by the e-mail they sign in with. They need no membership of any organization.
        </EmptyState>
      ) : (
        <Table caption="People of the team" columns={COLUMNS}>
          {team.people.map((person) => (
            <PersonRow key={person.userId} person={person} />
          ))}
        </Table>
      )}
      <NamedPages listing={listing} nextCursor={team.nextCursor} />
    </Card>
  );
}

function AddPerson({ peopleCount, answer }: { peopleCount: number; answer: unknown }) {
  const result = resultOf(answer, "add");
  const form = useRef<HTMLDivElement>(null);
  // Somebody was added: the field is for the next one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new count empties it.
  useEffect(() => form.current?.querySelector("form")?.reset(), [peopleCount]);
  return (
    <div ref={form} className="border-line border-b p-4">
      <ActionForm intent="add" result={result} className="grid gap-3">
        <div className="flex flex-wrap items-start gap-2">
          <div className="min-w-56 max-w-md flex-1">
            <TextField
              name="email"
              type="email"
              label="E-mail"
              required
              maxLength={254}
              autoComplete="off"
              placeholder="grace@example.com"
              defaultValue={result?.values.email}
              error={result?.fieldErrors.email}
            />
          </div>
          <span className="pt-6.5">
            <SubmitButton pendingLabel="Adding…">Add person</SubmitButton>
          </span>
        </div>
      </ActionForm>
    </div>
  );
}

function PersonRow({ person: { userId, name, email, addedAt } }: { person: EnterpriseTeam["people"][number] }) {
  return (
    <tr data-testid="team-person">
      <Cell>
        <span className="block font-medium">{name}</span>
        <span className="block text-ink-muted text-sm">{email}</span>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={addedAt} />
      </Cell>
      <Cell className="text-right">
        <ActionForm intent={`take-out ${userId}`} className="inline-grid">
          <input type="hidden" name="userId" value={userId} />
          <input type="hidden" name="name" value={name} />
          <input type="hidden" name="email" value={email} />
          <SubmitButton look="quiet" size="sm" pendingLabel="Removing…">
            Remove<span className="sr-only"> {name}</span>
          </SubmitButton>
        </ActionForm>
      </Cell>
    </tr>
  );
}
