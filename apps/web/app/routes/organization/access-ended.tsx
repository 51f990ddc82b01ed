import { ButtonLink } from "~/components/button";
import { Notice } from "~/components/notice";
import { usePortal } from "~/frame/portal-context";
import type { Ended } from "~/live/use-live";

/** How many other organizations are offered instead. */
const OFFERED = 3;

const WHY: Record<NonNullable<Ended>, string> = {
  removed: "Somebody who manages its members has removed you. An owner or an admin can invite you again.",
  left: "You have left it, here or in another window. To come back you need a new invite.",
  gone: "Your membership ended while this page was not connected. An owner or an admin can invite you again.",
};

interface AccessEndedProps {
  how: NonNullable<Ended>;
  name: string;
  organizationId: string;
}

/** Shown in the place of the page when the reader’s membership ended while it was open: why, and where to go from here. */
export function AccessEnded({ how, name, organizationId }: AccessEndedProps) {
  const { organizations } = usePortal();
  const others = organizations.filter(({ id }) => id !== organizationId).slice(0, OFFERED);
  return (
    <div className="mx-auto max-w-lg py-12">
      <h1 className="sr-only">Your membership has ended</h1>
      <Notice
        tone="warning"
        title={how === "left" ? `You have left ${name}` : `You are no longer a member of ${name}`}
        actions={
          <>
            <ButtonLink look="primary" size="sm" to="/settings/organizations">
              Your organizations
            </ButtonLink>
            {others.map((one) => (
              <ButtonLink key={one.id} size="sm" to={`/o/${one.slug}`}>
                {one.name}
              </ButtonLink>
            ))}
          </>
        }
      >
        {WHY[how]} Nothing of it is shown any more.
      </Notice>
    </div>
  );
}
