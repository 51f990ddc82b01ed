import type { OpenOffer } from "~/api/types";
import { Card } from "~/components/card";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";

interface OfferProps {
  offer: OpenOffer;
  answer: unknown;
}

/** For the receiver: what accepting means, and the two answers. */
export function OfferToYou({ offer, answer }: OfferProps) {
  const { organization } = useOrganization();
  const { offerId, fromName, giverBecomes, expiresAt } = offer;
  return (
    <Card title={`${fromName} offers you the ownership of ${organization.name}`}>
      <div className="grid gap-4" data-testid="offer">
        <ul className="grid list-disc gap-1 pl-5">
          <li>You become an owner, with full control: members, money and settings.</li>
          <li>{giverBecomes === "admin" ? `${fromName} becomes an admin.` : `${fromName} stays an owner, too.`}</li>
          <li>
            The offer stands until you answer, at most until it expires <Time at={expiresAt} />.
          </li>
        </ul>
        <div className="flex flex-wrap items-start gap-2">
          <ActionForm intent="accept" result={resultOf(answer, "accept")}>
            <input type="hidden" name="offerId" value={offerId} />
            <input type="hidden" name="name" value={organization.name} />
            <SubmitButton pendingLabel="Accepting…">Accept the ownership</SubmitButton>
          </ActionForm>
          <ActionForm intent="decline" result={resultOf(answer, "decline")}>
            <input type="hidden" name="offerId" value={offerId} />
            <SubmitButton look="secondary" pendingLabel="Declining…">
              Decline
            </SubmitButton>
          </ActionForm>
        </div>
      </div>
    </Card>
  );
}

/** For owners: to whom it is offered, until when, and the way back. */
export function OpenOfferCard({ offer, answer }: OfferProps) {
  const { offerId, toName, fromName, isFromYou, giverBecomes, createdAt, expiresAt } = offer;
  const giver = isFromYou ? "You" : fromName;
  const after =
    giverBecomes === "admin"
      ? isFromYou
        ? "become an admin"
        : "becomes an admin"
      : isFromYou
        ? "stay an owner"
        : "stays an owner";
  return (
    <Card title={`The ownership is offered to ${toName}`}>
      <div className="grid gap-4" data-testid="offer">
        <Notice title={`${toName} has not answered yet`}>
          {giver} made the offer <Time at={createdAt} />; it expires <Time at={expiresAt} />. When {toName} accepts,{" "}
          {toName} becomes an owner and {isFromYou ? "you" : fromName} {after}.
        </Notice>
        <ActionForm intent="revoke" result={resultOf(answer, "revoke")}>
          <input type="hidden" name="offerId" value={offerId} />
          <div>
            <SubmitButton look="secondary" pendingLabel="Taking it back…">
              Take the offer back
            </SubmitButton>
          </div>
        </ActionForm>
      </div>
    </Card>
  );
}
