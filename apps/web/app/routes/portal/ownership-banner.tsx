import { useLocation } from "@remix-run/react";
import { browserApi } from "~/api/browser-client";
import type { OwnershipOffer } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Notice } from "~/components/notice";
import { Time, useNow } from "~/components/time";
import { useHinted } from "~/live/use-hinted";

const read = () => browserApi().ownership.mine.query();

/** Tells the reader, wherever they are in the portal, that the ownership of an organization is offered to them. */
export function OwnershipBanner({ fresh }: { fresh: OwnershipOffer[] }) {
  const { data: offers } = useHinted({ fresh, read });
  const { pathname } = useLocation();
  const nowMs = useNow();
  const shown = offers.filter(
    ({ slug, expiresAt }) => Date.parse(expiresAt) > nowMs && pathname !== `/o/${slug}/ownership`,
  );
  if (shown.length === 0) return null;
  return (
    <div className="mb-6 grid gap-2" role="status">
      {shown.map(({ offerId, slug, organizationName, fromName, expiresAt }) => (
        <div key={offerId} data-testid="ownership-banner">
          <Notice
            title={`${fromName} offers you the ownership of ${organizationName}`}
            actions={
              <ButtonLink size="sm" look="primary" to={`/o/${slug}/ownership`}>
                Look at the offer
              </ButtonLink>
            }
          >
            You become an owner when you accept. The offer expires <Time at={expiresAt} />.
          </Notice>
        </div>
      ))}
    </div>
  );
}
