import { useEffect, useRef } from "react";
import { Button, ButtonLink, DisabledButton } from "~/components/button";
import { useOrganization } from "~/organization/organization-context";
import { MOST_AT_ONCE, type Selection } from "./use-selection";

interface SelectionBarProps {
  selection: Selection;
  total: number;
  shown: number;
  openDialog: (dialog: string) => string;
}

/** Ticks everybody who is shown, and offers what can be done with those who are ticked. Needs scripts; rows have their own links. */
export function SelectionBar({ selection, total, shown, openDialog }: SelectionBarProps) {
  const { may } = useOrganization();
  const { chosen, isAll, toggleAll, clear } = selection;
  const all = useRef<HTMLInputElement>(null);
  const isSome = chosen.length > 0 && !isAll;
  useEffect(() => {
    if (all.current) all.current.indeterminate = isSome;
  }, [isSome]);
  const mayChange = may("members.change_role");
  const mayRemove = may("members.remove");
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-4 py-2">
      {(mayChange || mayRemove) && (
        <label className="flex items-center gap-3 text-sm noscript:hidden">
          <input ref={all} type="checkbox" checked={isAll} onChange={toggleAll} className="size-4 shrink-0" />
          <span aria-live="polite">{chosen.length > 0 ? `${count(chosen.length)} selected` : "Select all"}</span>
        </label>
      )}
      {chosen.length > 0 ? (
        <div className="flex flex-wrap items-center gap-2">
          {mayChange && <BulkLink to={openDialog("bulk-role")} count={chosen.length} label="Change role" />}
          {mayRemove && <BulkLink to={openDialog("bulk-remove")} count={chosen.length} label="Remove" />}
          <Button size="sm" look="quiet" onClick={clear}>
            Clear
          </Button>
        </div>
      ) : (
        <p className="ml-auto text-ink-muted text-sm" data-testid="member-total">
          {shown < total
            ? `${count(shown)} of ${count(total)} shown`
            : `${count(total)} ${total === 1 ? "person" : "people"}`}
        </p>
      )}
    </div>
  );
}

function BulkLink({ to, count: chosen, label }: { to: string; count: number; label: string }) {
  if (chosen > MOST_AT_ONCE) {
    return (
      <DisabledButton size="sm" reason={`At most ${MOST_AT_ONCE} people at once: tick fewer`}>
        {label}
      </DisabledButton>
    );
  }
  return (
    <ButtonLink size="sm" to={to} preventScrollReset>
      {label}
    </ButtonLink>
  );
}

const count = (n: number) => n.toLocaleString("en-US");
