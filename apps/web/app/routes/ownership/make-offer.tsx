import { UserPlus } from "lucide-react";
import type { Member } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { Field } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";
import { roleLabel } from "~/organization/roles";

interface MakeOfferProps {
  candidates: readonly Member[];
  /** Whom the address proposes. */
  to: string;
  answer: unknown;
}

/** Offers the ownership to one member. */
export function MakeOffer({ candidates, to, answer }: MakeOfferProps) {
  const { organization } = useOrganization();
  const result = resultOf(answer, "offer");
  if (candidates.length === 0) return <NobodyToOffer />;
  return (
    <Card
      title="Offer the ownership"
      description="To a member, who becomes an owner when they accept. They have seven days; you can take the offer back."
    >
      <ActionForm intent="offer" result={result}>
        <Field name="userId" label="Member" error={result?.fieldErrors.userId}>
          {(control) => (
            <select
              {...control}
              defaultValue={result?.values.userId ?? to}
              className="h-9 w-full rounded-md border border-line-control bg-surface px-2"
            >
              <option value="">Choose somebody</option>
              {candidates.map(({ userId, name, email, role }) => (
                <option key={userId} value={userId}>
                  {name} ({email}), {roleLabel(role)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <GiverChoice chosen={result?.values.giverBecomes || "admin"} error={result?.fieldErrors.giverBecomes} />
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted text-sm">
          <li>An owner has full control of {organization.name}: members, money, settings, and its other owners.</li>
          <li>Nothing changes before they accept. If you stop being an owner or they leave, the offer ends.</li>
        </ul>
        <div>
          <SubmitButton pendingLabel="Offering…">Offer the ownership</SubmitButton>
        </div>
      </ActionForm>
    </Card>
  );
}

const CHOICES = [
  {
    value: "admin",
    label: "Become an admin",
    text: "You hand over: you go on managing members, but not owners or money.",
  },
  { value: "owner", label: "Stay an owner", text: "Both of you have full control; either can remove the other." },
];

function GiverChoice({ chosen, error }: { chosen: string; error: string | undefined }) {
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 font-medium text-sm">When they accept, you …</legend>
      <div className="grid overflow-hidden rounded-md border border-line-control">
        {CHOICES.map(({ value, label, text }) => (
          <label
            key={value}
            className="flex items-start gap-3 border-line px-3 py-2 not-first:border-t hover:bg-hover has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name="giverBecomes"
              value={value}
              defaultChecked={value === chosen}
              className="mt-1 size-4 shrink-0"
            />
            <span className="grid">
              <span className="font-medium">{label}</span>
              <span className="text-ink-muted text-sm">{text}</span>
            </span>
          </label>
        ))}
      </div>
      {error && <p className="text-danger text-sm">{error}</p>}
    </fieldset>
  );
}

function NobodyToOffer() {
  const { organization } = useOrganization();
  return (
    <Card isFlush>
      <EmptyState
        icon={UserPlus}
        title="There is nobody to offer it to"
        action={<ButtonLink to={`/o/${organization.slug}/invites?dialog=invite`}>Invite somebody</ButtonLink>}
      >
        The ownership is offered to a member who is no owner yet. Invite somebody first; or invite them as an owner
        right away.
      </EmptyState>
    </Card>
  );
}
