import { Form, useNavigate } from "@remix-run/react";
import { SearchButton, SearchChoice, SearchField } from "~/components/search-form";
import { ROLES, roleLabel } from "~/organization/roles";
import { SEATS, seatLabel } from "~/organization/seats";
import { type MemberListing, readListing, sortText, toSearch } from "./member-listing";

const WANTED_ROLES = [
  { value: "", label: "All roles" },
  ...ROLES.map((value) => ({ value: value as string, label: roleLabel(value) })),
];

const WANTED_SEATS = [
  { value: "", label: "All seats" },
  ...SEATS.map((value) => ({ value: value as string, label: seatLabel(value) })),
];

const ORDERS: readonly { value: string; label: string }[] = [
  { value: "role", label: "Highest role first" },
  { value: "-role", label: "Lowest role first" },
  { value: "name", label: "Name, A to Z" },
  { value: "-name", label: "Name, Z to A" },
  { value: "-joined", label: "Newest first" },
  { value: "joined", label: "Longest here first" },
];

/** Search, role, seat and order stand in the address. With JavaScript they apply while typing, without it on a button. */
export function MemberFilter({ listing, path }: { listing: MemberListing; path: string }) {
  const navigate = useNavigate();
  const apply = (form: HTMLFormElement) => {
    const entries = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    navigate(path + toSearch(readListing(new URLSearchParams(entries))), { replace: true, preventScrollReset: true });
  };
  return (
    <Form
      method="get"
      action={path}
      role="search"
      className="flex flex-wrap gap-2"
      onChange={(event) => apply(event.currentTarget)}
      onSubmit={(event) => {
        event.preventDefault();
        apply(event.currentTarget);
      }}
    >
      <SearchField search={listing.search} label="Search members" placeholder="Name or e-mail" />
      <SearchChoice name="role" label="Role" chosen={listing.role} options={WANTED_ROLES} />
      <SearchChoice name="seat" label="Seat" chosen={listing.seat} options={WANTED_SEATS} />
      {/* On large screens the heads of the columns are pressed instead; it still says the order when the form is sent. */}
      <SearchChoice name="sort" label="Order" chosen={sortText(listing)} options={ORDERS} className="lg:hidden" />
      <SearchButton />
    </Form>
  );
}
