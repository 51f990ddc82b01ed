import { type PermissionRow, permissions } from "@guildhall/auth/permissions";
import type { MetaFunction } from "@remix-run/node";
import clsx from "clsx";
import { ArrowLeft, Check, Minus } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { PageHeader } from "~/components/page-header";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useOrganization } from "~/organization/organization-context";
import { ROLES, type Role, roleLabel, roleMeaning } from "~/organization/roles";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Roles · Guildhall" }];

export const loader = organizationLoader(async () => ({}), "members.read");

type Named = PermissionRow & { name: string };

const ROWS: readonly Named[] = Object.entries(permissions).map(([name, row]) => ({ name, ...row }));
const AREAS = [...new Set(ROWS.map(({ area }) => area))];

/** What each role may do, from the same table that the server decides by; the reader's own role stands out. */
export default function RolesPage() {
  const { organization } = useOrganization();
  return (
    <>
      <PageHeader
        title="What can each role do?"
        description={`You are ${roleLabel(organization.role)} of ${organization.name}. ${roleMeaning(organization.role)}`}
        actions={
          <ButtonLink look="quiet" to={`/o/${organization.slug}/members`}>
            <ArrowLeft aria-hidden className="size-4" />
            Members
          </ButtonLink>
        }
      />
      <div className="grid gap-6">
        <Card isFlush className="overflow-hidden">
          <RoleTable own={organization.role} />
          <RoleLists own={organization.role} />
        </Card>
        <Card title="Rules beside the table">
          <ul className="grid list-disc gap-1 pl-5">
            <li>
              Nobody gives a role above their own, and nobody changes or removes a person above them: admins cannot
              touch owners.
            </li>
            <li>
              An organization always has an owner. The last one can neither leave, be demoted, be removed, nor delete
              their account.
            </li>
            <li>Everybody may leave. A change takes effect at once, also on pages that are open.</li>
          </ul>
        </Card>
      </div>
    </>
  );
}

/** Roles beside one another, for screens that are wide enough. */
function RoleTable({ own }: { own: Role }) {
  return (
    <table className="w-full border-collapse text-left max-md:hidden" data-testid="role-table">
      <caption className="sr-only">What each role may do</caption>
      <thead>
        <tr className="bg-sunken text-ink-muted text-xs">
          <th scope="col" className="w-full px-4 py-2 font-medium">
            May …
          </th>
          {ROLES.map((role) => (
            <th
              key={role}
              scope="col"
              aria-current={role === own ? "true" : undefined}
              className={clsx("whitespace-nowrap px-3 py-2 text-center font-medium", role === own && OWN)}
            >
              {roleLabel(role)}
              {role === own && <span className="block font-normal">your role</span>}
            </th>
          ))}
        </tr>
      </thead>
      {AREAS.map((area) => (
        <Area key={area} area={area} own={own} />
      ))}
    </table>
  );
}

function Area({ area, own }: { area: string; own: Role }) {
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={ROLES.length + 1} className="border-line border-t px-4 pt-4 pb-1 font-medium">
          {area}
        </th>
      </tr>
      {ROWS.filter((row) => row.area === area).map(({ name, may, roles }) => (
        <tr key={name}>
          <th scope="row" className="border-line border-t px-4 py-2 font-normal">
            {capitalized(may)}
          </th>
          {ROLES.map((role) => (
            <td key={role} className={clsx("border-line border-t px-3 py-2 text-center", role === own && OWN)}>
              <Mark isHeld={roles.includes(role)} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

const OWN = "bg-accent-soft text-accent-ink";

function Mark({ isHeld }: { isHeld: boolean }) {
  return (
    <span className="inline-grid place-items-center align-middle">
      {isHeld ? (
        <Check aria-hidden className="size-4 text-positive" />
      ) : (
        <Minus aria-hidden className="size-4 text-ink-faint" />
      )}
      <span className="sr-only">{isHeld ? "Yes" : "No"}</span>
    </span>
  );
}

/** One role after the other, for narrow screens: the reader's own is open. */
function RoleLists({ own }: { own: Role }) {
  return (
    <div className="md:hidden">
      {ROLES.map((role) => (
        <details key={role} open={role === own} className="border-line not-first:border-t">
          <summary className="flex flex-wrap items-center gap-2 px-4 py-3 font-medium">
            {roleLabel(role)}
            {role === own && <Badge tone="accent">Your role</Badge>}
            <span className="basis-full font-normal text-ink-muted text-sm">{roleMeaning(role)}</span>
          </summary>
          <ul className="grid gap-2 px-4 pb-4">
            {ROWS.filter(({ roles }) => roles.includes(role)).map(({ name, may }) => (
              <li key={name} className="flex items-start gap-2">
                <Check aria-hidden className="mt-1 size-4 shrink-0 text-positive" />
                {capitalized(may)}
              </li>
            ))}
          </ul>
        </details>
      ))}
    </div>
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
