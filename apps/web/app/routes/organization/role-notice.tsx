import { useSearchParams } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { Button, ButtonLink } from "~/components/button";
import { Notice } from "~/components/notice";
import type { OwnRoleChange } from "~/live/use-live";
import { mayTouch, roleLabel } from "~/organization/roles";

interface RoleNoticeProps {
  change: OwnRoleChange;
  name: string;
  slug: string;
  onDismiss: () => void;
}

/** Why this page offers more or less than a moment ago. Stays until it is dismissed: it may have come while nobody looked. */
export function RoleNotice({ change, name, slug, onDismiss }: RoleNoticeProps) {
  const { role, previousRole } = change;
  const isLess = !mayTouch(role, previousRole);
  useClosedDialog(isLess ? change : null);
  return (
    <div role="status" className="mb-6" data-testid="role-notice">
      <Notice
        tone={isLess ? "warning" : "info"}
        title={`Your role in ${name} is now ${roleLabel(role)}.`}
        actions={
          <>
            <ButtonLink size="sm" to={`/o/${slug}/roles`}>
              What can each role do?
            </ButtonLink>
            <Button size="sm" look="quiet" onClick={onDismiss}>
              Dismiss
            </Button>
          </>
        }
      >
        {isLess
          ? `You were ${roleLabel(previousRole)} until now. What ${roleLabel(role)} may not do is gone from these pages; an owner or an admin can change your role back.`
          : `You were ${roleLabel(previousRole)} until now. These pages offer what you may do in addition.`}
      </Notice>
    </div>
  );
}

/** Takes a dialog out of the address that the reader may no longer use: it would open again by itself with the next promotion. */
function useClosedDialog(demotion: OwnRoleChange | null) {
  const [search, setSearch] = useSearchParams();
  const latest = useRef({ search, setSearch });
  latest.current = { search, setSearch };
  useEffect(() => {
    const { search: shown, setSearch: show } = latest.current;
    if (!demotion || !shown.has("dialog")) return;
    const rest = new URLSearchParams(shown);
    for (const name of ["dialog", "member"]) rest.delete(name);
    show(rest, { replace: true, preventScrollReset: true });
  }, [demotion]);
}
