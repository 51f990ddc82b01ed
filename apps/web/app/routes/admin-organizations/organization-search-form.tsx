import { SearchChoice, SearchField, SearchForm } from "~/components/search-form";
import type { OrganizationSearch } from "./organization-search";

const ORDERS = [
  { value: "name", label: "By name" },
  { value: "created", label: "Newest first" },
];

/** What to look for among all organizations, and their order. */
export function OrganizationSearchForm({ search: { search, sort } }: { search: OrganizationSearch }) {
  return (
    <SearchForm>
      <SearchField search={search} label="Search organizations by name or slug" placeholder="Name or slug" />
      <SearchChoice name="sort" label="Order" chosen={sort} options={ORDERS} />
    </SearchForm>
  );
}
