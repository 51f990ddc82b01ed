import { Form, useSubmit } from "@remix-run/react";
import { Search } from "lucide-react";
import { Button } from "~/components/button";
import type { OrganizationSearch } from "./organization-search";

/** Search and order stand in the address. With JavaScript they apply while typing, without it on a button. */
export function SearchForm({ search }: { search: OrganizationSearch }) {
  const submit = useSubmit();
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
          type="search"
          name="search"
          aria-label="Search organizations by name or slug"
          placeholder="Name or slug"
          defaultValue={search.search}
          maxLength={100}
          className="h-9 w-full rounded-md border border-line-control bg-surface pr-2 pl-8"
        />
      </div>
      <select
        name="sort"
        aria-label="Order"
        defaultValue={search.sort}
        className="h-9 rounded-md border border-line-control bg-surface px-2"
      >
        <option value="name">By name</option>
        <option value="created">Newest first</option>
      </select>
      <noscript>
        <Button type="submit">Search</Button>
      </noscript>
    </Form>
  );
}
