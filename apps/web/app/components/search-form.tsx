import { Form, useNavigationType, useSubmit } from "@remix-run/react";
import { Search } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { Button } from "./button";

/** What to look for in a list. It stands in the address; with JavaScript it applies while typing, without it on a button. */
export function SearchForm({ children }: { children: ReactNode }) {
  const submit = useSubmit();
  return (
    <Form
      method="get"
      role="search"
      className="flex flex-wrap gap-2"
      onChange={(event) => submit(event.currentTarget, { replace: true, preventScrollReset: true })}
    >
      {children}
      <SearchButton />
    </Form>
  );
}

/** Applies a search where no script does. */
export function SearchButton() {
  return (
    <noscript>
      <Button type="submit">Search</Button>
    </noscript>
  );
}

interface SearchFieldProps {
  /** What is searched, as the address says. */
  search: string;
  /** What the field says of itself to those who do not see it. */
  label: string;
  placeholder: string;
}

/** The text that is looked for, `search` in the address. */
export function SearchField({ search, label, placeholder }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useAddress(field, search);
  return (
    <div className="relative min-w-48 flex-1 sm:max-w-72">
      <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-ink-faint" />
      <input
        ref={field}
        type="search"
        name="search"
        aria-label={label}
        placeholder={placeholder}
        defaultValue={search}
        maxLength={100}
        className="h-9 w-full rounded-md border border-line-control bg-surface pr-2 pl-8"
      />
    </div>
  );
}

interface SearchChoiceProps {
  /** Also what it is called in the address. */
  name: string;
  /** What is chosen, as the address says. */
  chosen: string;
  label: string;
  options: readonly { value: string; label: string }[];
  className?: string;
}

/** One of a few things that limit or order what is found. */
export function SearchChoice({ name, chosen, label, options, className = "" }: SearchChoiceProps) {
  const field = useRef<HTMLSelectElement>(null);
  useAddress(field, chosen);
  return (
    <select
      ref={field}
      name={name}
      aria-label={label}
      defaultValue={chosen}
      className={`h-9 rounded-md border border-line-control bg-surface px-2 ${className}`}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

/**
 * For a control whose value becomes the address: when a link or the way back changes what is searched, the control says so. Never
 * while it is typed into: the address then only comes after it, letter by letter.
 */
function useAddress(field: RefObject<HTMLInputElement | HTMLSelectElement>, value: string): void {
  const shown = useRef(value);
  const isOurs = useNavigationType() === "REPLACE";
  useEffect(() => {
    // Nothing on the first page: what was typed before the scripts came stays.
    if (shown.current === value) return;
    shown.current = value;
    const control = field.current;
    if (control && !(isOurs && control === document.activeElement)) control.value = value;
  }, [field, value, isOurs]);
}
