import { SearchX } from "lucide-react";
import { type NamedListing, namedSearch } from "~/forms/named-listing";
import { ButtonLink } from "./button";
import { EmptyState } from "./empty-state";
import { SearchField, SearchForm } from "./search-form";

interface NameSearchProps {
  listing: NamedListing;
  /** What the field says of itself to those who do not see it. */
  label: string;
  placeholder: string;
}

/** Looks for names. */
export function NameSearch({ listing, label, placeholder }: NameSearchProps) {
  return (
    <SearchForm>
      <SearchField search={listing.search} {...{ label, placeholder }} />
    </SearchForm>
  );
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
