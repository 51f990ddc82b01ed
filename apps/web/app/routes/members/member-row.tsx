import { Link } from "@remix-run/react";
import { Crown, LogOut, Pencil, UserMinus } from "lucide-react";
import type { Member } from "~/api/types";
import { Avatar } from "~/components/avatar";
import { Badge, StatusDot } from "~/components/badge";
import { buttonClass } from "~/components/button";
import { Cell } from "~/components/table";
import { Time } from "~/components/time";
import { useOrganization } from "~/organization/organization-context";
import { mayTouch, type Role, roleLabel } from "~/organization/roles";
import { type MemberSeat, seatLabel, seatTone } from "~/organization/seats";
import type { Selection } from "./use-selection";

interface MemberRowProps {
  member: Member;
  selection: Selection;
  openDialog: (dialog: string, member: string) => string;
}

/** One person: who they are, what they may be made, and for the reader's own row the way out. */
export function MemberRow({ member, selection, openDialog }: MemberRowProps) {
  const { organization, may } = useOrganization();
  const { userId, name, email, role, seat, joinedAt, isYou, hasSecondFactor } = member;
  const mayChoose = may("members.change_role") || may("members.remove");
  const isChoosable = mayChoose && !isYou && mayTouch(organization.role, role);
  return (
    <tr data-testid="member" className={selection.isTicked(userId) && isChoosable ? "bg-accent-soft" : undefined}>
      <Cell>
        <span className="flex items-center gap-3">
          {mayChoose && !isChoosable && <span className="size-4 shrink-0 noscript:hidden" />}
          {isChoosable && (
            <input
              type="checkbox"
              aria-label={`Select ${name}`}
              checked={selection.isTicked(userId)}
              onChange={() => selection.toggle(userId)}
              className="size-4 shrink-0 noscript:hidden"
            />
          )}
          <span className="max-sm:hidden">
            <Avatar name={name} shape="person" />
          </span>
          <span className="grid min-w-0">
            <span className="font-medium">
              {name}
              {isYou && <span className="font-normal text-ink-muted"> (you)</span>}
            </span>
            <span className="text-ink-muted text-sm">{email}</span>
            {hasSecondFactor === false && <NoSecondFactor isKeptOut={organization.requiresSecondFactor} />}
            <span className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 md:hidden">
              <RoleBadge role={role} />
              <Seat seat={seat} />
            </span>
          </span>
        </span>
      </Cell>
      <Cell isWideOnly>
        <RoleBadge role={role} />
        <span className="mt-1 block lg:hidden">
          <Seat seat={seat} />
        </span>
      </Cell>
      <Cell className="max-lg:hidden">
        <Seat seat={seat} />
      </Cell>
      <Cell className="whitespace-nowrap text-ink-muted max-lg:hidden">
        <Time at={joinedAt} />
      </Cell>
      <Cell>
        <RowActions member={member} openDialog={openDialog} />
      </Cell>
    </tr>
  );
}

/** Where one is required, whoever has none is a member who sees nothing. */
function NoSecondFactor({ isKeptOut }: { isKeptOut: boolean }) {
  return (
    <span className="mt-1">
      <Badge tone={isKeptOut ? "warning" : "neutral"}>
        {isKeptOut ? "Kept out: no second factor" : "No second factor"}
      </Badge>
    </span>
  );
}

function RowActions({ member, openDialog }: Pick<MemberRowProps, "member" | "openDialog">) {
  const { organization, may } = useOrganization();
  const { userId, name, role, isYou } = member;
  const isTouchable = mayTouch(organization.role, role);
  return (
    <span className="flex justify-end gap-1">
      {may("ownership.offer") && role !== "owner" && (
        <RowAction
          to={`/o/${organization.slug}/ownership?to=${userId}`}
          label={`Offer the ownership to ${name}`}
          icon={Crown}
          isWideOnly
        />
      )}
      {may("members.change_role") && isTouchable && (
        <RowAction to={openDialog("role", userId)} label={`Change the role of ${name}`} icon={Pencil} />
      )}
      {isYou ? (
        <RowAction to={openDialog("leave", userId)} label={`Leave ${organization.name}`} icon={LogOut} />
      ) : (
        may("members.remove") &&
        isTouchable && <RowAction to={openDialog("remove", userId)} label={`Remove ${name}`} icon={UserMinus} />
      )}
    </span>
  );
}

function RoleBadge({ role }: { role: Role }) {
  return <Badge tone={role === "owner" ? "accent" : "neutral"}>{roleLabel(role)}</Badge>;
}

/** Said quietly: it stands in every row. */
function Seat({ seat }: { seat: MemberSeat }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-ink-muted text-sm">
      <StatusDot tone={seatTone(seat)} />
      {seatLabel(seat)}
    </span>
  );
}

interface RowActionProps {
  to: string;
  label: string;
  icon: typeof Pencil;
  /** Left out on narrow screens; there is another way to it. */
  isWideOnly?: boolean;
}

function RowAction({ to, label, icon: Icon, isWideOnly = false }: RowActionProps) {
  const look = buttonClass({ look: "quiet", size: "icon" }, isWideOnly ? "max-md:hidden" : undefined);
  return (
    <Link to={to} preventScrollReset title={label} className={look}>
      <Icon aria-hidden className="size-4" />
      <span className="sr-only">{label}</span>
    </Link>
  );
}
