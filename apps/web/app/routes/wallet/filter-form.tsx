import { Form, Link, useNavigate } from "@remix-run/react";
import { ListFilter, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Member } from "~/api/types";
import { Button } from "~/components/button";
import { Field, TextField } from "~/components/field";
import { dayText } from "~/organization/dates";
import { kindLabel, TRANSACTION_KINDS } from "~/organization/kinds";
import { type ReadFilters, readFilters, type TypedFilters, toSearch } from "./transaction-filters";

interface FilterProps {
  filters: ReadFilters;
  members: Pick<Member, "userId" | "name">[];
  /** The wallet's address. */
  path: string;
}

/** What to look for in the wallet's history. It stands in the address; without JavaScript it is a form like any other. */
export function TransactionFilter(props: FilterProps) {
  const { filters, path } = props;
  const hasErrors = Object.keys(filters.errors).length > 0;
  const navigate = useNavigate();
  const [isOpen, setIsOpen] = useState(hasErrors);
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const entries = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    const wanted = readFilters(new URLSearchParams(entries));
    if (Object.keys(wanted.errors).length === 0) setIsOpen(false);
    navigate(path + toSearch(wanted.typed), { preventScrollReset: true });
  };
  return (
    <div className="grid gap-3 border-line border-b px-4 py-3">
      <ActiveFilters {...props} />
      <details open={isOpen || hasErrors} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary className="-ml-2 inline-flex h-8 select-none items-center gap-2 rounded-md px-2 font-medium text-ink-muted text-sm hover:bg-hover hover:text-ink">
          <ListFilter aria-hidden className="size-4" />
          {filters.isActive ? "Change the filters" : "Filter"}
        </summary>
        <Form method="get" action={path} role="search" noValidate className="mt-3 grid gap-4" onSubmit={apply}>
          {/* Typed texts start anew when the address does. */}
          <Fields key={toSearch(filters.typed)} {...props} />
          <div>
            <Button type="submit" look="primary" size="sm">
              Apply filters
            </Button>
          </div>
        </Form>
      </details>
    </div>
  );
}

function Fields({ filters: { typed, errors }, members }: FilterProps) {
  const isGone = typed.member !== "" && !members.some(({ userId }) => userId === typed.member);
  const amount = { unit: "credits", inputMode: "text", autoComplete: "off", className: "figures" } as const;
  return (
    <>
      <KindChoice chosen={typed.kinds} />
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field name="member" label="Member" error={errors.member} hint="Used for them, or done by them.">
          {(control) => (
            <select
              {...control}
              defaultValue={typed.member}
              className="h-9 w-full rounded-md border border-line-control bg-surface px-2"
            >
              <option value="">Everybody</option>
              {isGone && <option value={typed.member}>Somebody who has left</option>}
              {members.map(({ userId, name }) => (
                <option key={userId} value={userId}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField
          name="agent"
          label="Agent"
          hint="The agent’s whole name."
          maxLength={100}
          defaultValue={typed.agent}
          autoComplete="off"
        />
        <TextField name="from" label="From" type="date" defaultValue={typed.from} error={errors.from} hint={DAYS} />
        <TextField
          name="to"
          label="To"
          type="date"
          defaultValue={typed.to}
          error={errors.to}
          hint="That day included."
        />
        <TextField
          {...{ ...amount, name: "min", label: "At least", defaultValue: typed.min, error: errors.min }}
          hint="The amount; what was taken is below zero, like −5."
        />
        <TextField {...{ ...amount, name: "max", label: "At most", defaultValue: typed.max, error: errors.max }} />
      </div>
    </>
  );
}

const DAYS = "Whole days in UTC.";

function KindChoice({ chosen }: { chosen: readonly string[] }) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-sm">Kind</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {TRANSACTION_KINDS.map((kind) => (
          <label key={kind} className="flex items-center gap-2 py-0.5">
            <input
              type="checkbox"
              name="kind"
              value={kind}
              defaultChecked={chosen.includes(kind)}
              className="size-4 shrink-0"
            />
            {kindLabel(kind)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** One chip per filter, each a link to the address without it, and one that clears them all. */
function ActiveFilters({ filters: { typed, errors, isActive }, members, path }: FilterProps) {
  if (!isActive || Object.keys(errors).length > 0) return null;
  const memberName = members.find(({ userId }) => userId === typed.member)?.name ?? "somebody who has left";
  const chips: { label: string; without: TypedFilters }[] = [
    ...typed.kinds.map((kind) => ({
      label: kindLabel(kind),
      without: { ...typed, kinds: typed.kinds.filter((one) => one !== kind) },
    })),
    ...(typed.member ? [{ label: `Member: ${memberName}`, without: { ...typed, member: "" } }] : []),
    ...(typed.agent ? [{ label: `Agent: ${typed.agent}`, without: { ...typed, agent: "" } }] : []),
    ...(typed.from ? [{ label: `From ${dayText(typed.from)}`, without: { ...typed, from: "" } }] : []),
    ...(typed.to ? [{ label: `To ${dayText(typed.to)}`, without: { ...typed, to: "" } }] : []),
    ...(typed.min ? [{ label: `At least ${typed.min}`, without: { ...typed, min: "" } }] : []),
    ...(typed.max ? [{ label: `At most ${typed.max}`, without: { ...typed, max: "" } }] : []),
  ];
  return (
    <ul aria-label="Active filters" className="flex flex-wrap items-center gap-2">
      {chips.map(({ label, without }) => (
        <li key={label} className="min-w-0 max-w-full">
          <Link
            to={path + toSearch(without)}
            preventScrollReset
            className="flex items-center gap-1.5 rounded-md bg-accent-soft py-1 pr-1.5 pl-2.5 text-accent-ink text-sm hover:underline"
          >
            <span className="sr-only">Remove the filter </span>
            <span className="min-w-0 truncate">{label}</span>
            <X aria-hidden className="size-3.5 shrink-0" />
          </Link>
        </li>
      ))}
      <li>
        <Link
          to={path}
          preventScrollReset
          className="rounded-md px-2 py-1 text-ink-muted text-sm hover:bg-hover hover:text-ink"
        >
          Clear filters
        </Link>
      </li>
    </ul>
  );
}
