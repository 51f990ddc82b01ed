import { Form, useNavigate } from "@remix-run/react";
import { Search } from "lucide-react";
import { Button } from "~/components/button";
import { ROLES, roleLabel } from "~/organization/roles";
import { SEATS, seatLabel } from "~/organization/seats";
import { type MemberListing, readListing, sortText, toSearch } from "./member-listing";

const SELECT = "h-9 rounded-md border border-line-control bg-surface px-2";

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
      <div className="relative min-w-48 flex-1 sm:max-w-72">
        <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-ink-faint" />
        <input
          type="search"
          name="search"
          aria-label="Search members"
          placeholder="Name or e-mail"
          defaultValue={listing.search}
          maxLength={100}
          className="h-9 w-full rounded-md border border-line-control bg-surface pr-2 pl-8"
        />
      </div>
      <select name="role" aria-label="Role" defaultValue={listing.role} className={SELECT}>
        <option value="">All roles</option>
        {ROLES.map((value) => (
          <option key={value} value={value}>
            {roleLabel(value)}
          </option>
        ))}
      </select>
      <select name="seat" aria-label="Seat" defaultValue={listing.seat} className={SELECT}>
        <option value="">All seats</option>
        {SEATS.map((value) => (
          <option key={value} value={value}>
            {seatLabel(value)}
          </option>
        ))}
      </select>
      <OrderChoice listing={listing} />
      <noscript>
        <Button type="submit">Search</Button>
      </noscript>
    </Form>
  );
}

/** On large screens the heads of the columns are pressed instead; it still says the order when the form is sent. */
function OrderChoice({ listing }: { listing: MemberListing }) {
  return (
    <select
      key={sortText(listing)}
      name="sort"
      aria-label="Order"
      defaultValue={sortText(listing)}
      className={`${SELECT} lg:hidden`}
    >
      {ORDERS.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}
