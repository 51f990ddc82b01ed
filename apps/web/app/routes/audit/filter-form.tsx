import { Form, Link, useNavigate } from "@remix-run/react";
import { ListFilter, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { AuditActor } from "~/api/types";
import { Button } from "~/components/button";
import { Field, TextField } from "~/components/field";
import { dayText } from "~/organization/dates";
import { ACTION_KINDS } from "./action-kinds";
import { type ReadFilters, readFilters, type TypedFilters, toSearch } from "./audit-filters";

interface FilterProps {
  filters: ReadFilters;
  actors: AuditActor[];
  /** The audit log's address. */
  path: string;
}

/** What to look for in the log. It stands in the address; without JavaScript it is a form like any other. */
export function AuditFilter(props: FilterProps) {
  const { filters, path } = props;
  const hasErrors = Object.keys(filters.errors).length > 0;
  const navigate = useNavigate();
  const [isOpen, setIsOpen] = useState(hasErrors);
  const apply = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const entries = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]);
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
          {/* What was typed starts anew when the address does. */}
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

function Fields({ filters: { typed, errors }, actors }: FilterProps) {
  const people = actors.map(({ userId, name }) => [userId, name] as const);
  return (
    <div className="grid items-start gap-4 sm:grid-cols-2 lg:grid-cols-4">
      <Choice name="actor" label="Person" all="Everybody" {...{ typed, errors }} options={people} />
      <Choice
        name="kind"
        label="Kind of action"
        all="Everything"
        {...{ typed, errors }}
        options={Object.entries(ACTION_KINDS)}
      />
      <TextField
        name="from"
        label="From"
        type="date"
        defaultValue={typed.from}
        error={errors.from}
        hint="Whole days in UTC."
      />
      <TextField name="to" label="To" type="date" defaultValue={typed.to} error={errors.to} hint="That day included." />
    </div>
  );
}

interface ChoiceProps extends Pick<ReadFilters, "typed" | "errors"> {
  name: "actor" | "kind";
  label: string;
  /** What is chosen when nothing is. */
  all: string;
  options: readonly (readonly [value: string, label: string])[];
}

function Choice({ name, label, all, options, typed, errors }: ChoiceProps) {
  const chosen = typed[name];
  const isUnknown = chosen !== "" && !options.some(([value]) => value === chosen);
  return (
    <Field name={name} label={label} error={errors[name]}>
      {(control) => (
        <select
          {...control}
          defaultValue={chosen}
          className="h-9 w-full rounded-md border border-line-control bg-surface px-2"
        >
          <option value="">{all}</option>
          {isUnknown && <option value={chosen}>Not in this log</option>}
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** One chip per filter, each a link to the address without it, and one that clears them all. */
function ActiveFilters({ filters: { typed, errors, isActive }, actors, path }: FilterProps) {
  if (!isActive || Object.keys(errors).length > 0) return null;
  const person = actors.find(({ userId }) => userId === typed.actor)?.name ?? "not in this log";
  const labels: TypedFilters = {
    actor: `Person: ${person}`,
    kind: ACTION_KINDS[typed.kind] ?? typed.kind,
    from: typed.from && `From ${dayText(typed.from)}`,
    to: typed.to && `To ${dayText(typed.to)}`,
  };
  const active = (Object.keys(labels) as (keyof TypedFilters)[]).filter((name) => typed[name] !== "");
  return (
    <ul aria-label="Active filters" className="flex flex-wrap items-center gap-2">
      {active.map((name) => (
        <li key={name} className="min-w-0 max-w-full">
          <Link
            to={path + toSearch({ ...typed, [name]: "" })}
            preventScrollReset
            className="flex items-center gap-1.5 rounded-md bg-accent-soft py-1 pr-1.5 pl-2.5 text-accent-ink text-sm hover:underline"
          >
            <span className="sr-only">Remove the filter </span>
            <span className="min-w-0 truncate">{labels[name]}</span>
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
