import { Form, useSubmit } from "@remix-run/react";
import { Search, SearchX } from "lucide-react";
import { useEffect, useRef } from "react";
import { type NamedListing, namedSearch } from "~/forms/named-listing";
import { Button, ButtonLink } from "./button";
import { EmptyState } from "./empty-state";

interface NameSearchProps {
  listing: NamedListing;
  /** What the field says of itself to those who do not see it. */
  label: string;
  placeholder: string;
}

/** Looks for names. It stands in the address; with JavaScript it applies while typing, without it on a button. */
export function NameSearch({ listing, label, placeholder }: NameSearchProps) {
  const submit = useSubmit();
  const field = useFieldThatFollows(listing.search);
  return (
    <Form
      method="get"
      role="search"
      className="flex flex-wrap gap-2"
      onChange={(event) => submit(event.currentTarget, { replace: true, preventScrollReset: true })}
    >
      <div className="relative min-w-48 flex-1 sm:max-w-72">
        <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-ink-faint" />
        <input
          ref={field}
          type="search"
          name="search"
          aria-label={label}
          placeholder={placeholder}
          defaultValue={listing.search}
          maxLength={100}
          className="h-9 w-full rounded-md border border-line-control bg-surface pr-2 pl-8"
        />
      </div>
      <noscript>
        <Button type="submit">Search</Button>
      </noscript>
    </Form>
  );
}

/** For a field whose text becomes the address: when a link changes what is searched, the field says so. Never while it is typed into. */
function useFieldThatFollows(search: string) {
  const field = useRef<HTMLInputElement>(null);
  const shown = useRef(search);
  useEffect(() => {
    // Nothing on the first page: what was typed before the scripts came stays.
    if (shown.current === search) return;
    shown.current = search;
    if (field.current && field.current !== document.activeElement) field.current.value = search;
  }, [search]);
  return field;
}

/** The ways to the parts of a list beside the one that is shown. Nothing when it is all there is. */
export function NamedPages({ listing, nextCursor }: { listing: NamedListing; nextCursor: string | null }) {
  if (!listing.cursor && !nextCursor) return null;
  return (
    <nav aria-label="Pages" className="flex flex-wrap justify-between gap-2 border-line border-t p-3">
      {listing.cursor ? (
        <ButtonLink size="sm" look="quiet" to={namedSearch(listing, { cursor: null }) || "."}>
          Back to the first page
        </ButtonLink>
      ) : (
        <span />
      )}
      {nextCursor && (
        <ButtonLink size="sm" to={namedSearch(listing, { cursor: nextCursor })}>
          Next page
        </ButtonLink>
      )}
    </nav>
  );
}

interface EmptyPartProps {
  listing: NamedListing;
  /** What stands in the list, one of it. */
  what: string;
  /** Where it is searched. */
  field?: string;
}

/** Where a list is empty that is not empty as a whole: nothing matches, or this part of it is gone. */
export function EmptyPart({ listing, what, field = "name" }: EmptyPartProps) {
  return (
    <EmptyState
      icon={SearchX}
      title={listing.cursor ? "This page is empty" : `No ${what} matches`}
      action={<ButtonLink to=".">Show all</ButtonLink>}
    >
      {listing.cursor
        ? `Each ${what} that stood here is gone, or has another name.`
        : `There is no ${what} with “${listing.search}” in the ${field}.`}
    </EmptyState>
  );
}
