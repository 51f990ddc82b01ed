import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { Crown } from "lucide-react";
import { useEffect, useRef } from "react";
import { browserApi } from "~/api/browser-client";
import { organizationLoader } from "~/api/page-loader.server";
import { useApi } from "~/api/query";
import type { OpenOffer } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { useNow } from "~/components/time";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { mergeOffer } from "~/live/merge-offer";
import { personHints } from "~/live/person-hints";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { answerOffer } from "./answer-offer.server";
import { MakeOffer } from "./make-offer";
import { OfferToYou, OpenOfferCard } from "./open-offer";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Ownership · Guildhall" }];

export const loader = organizationLoader(async ({ api, organization, slug, url }) => {
  const isOwner = organization.permissions.includes("ownership.offer");
  const [offer, members] = await Promise.all([
    api.ownership.current.query({ organization: slug }),
    isOwner ? api.members.list.query({ organization: slug }) : [],
  ]);
  const candidates = members.filter(({ role }) => role !== "owner");
  return { offer, candidates, to: url.searchParams.get("to") ?? "" };
});

export async function action({ request, context, params }: ActionFunctionArgs) {
  return answerOffer(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

/** The ownership of an organization: an owner offers it, the receiver accepts or declines. One offer at a time, live on both sides. */
export default function OwnershipPage() {
  const { candidates, to, ...loaded } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const { organization, may } = useOrganization();
  const { offer, refetch, refreshError } = useOffer(loaded);
  return (
    <div className="max-w-2xl">
      <PageHeader
        title="Ownership"
        description={`Who has full control of ${organization.name}, and how it is handed on.`}
      />
      <div className="grid gap-6">
        <RefreshNotice message={refreshError} onRetry={refetch} />
        {offer?.isForYou && <OfferToYou offer={offer} answer={answer} />}
        {offer && !offer.isForYou && <OpenOfferCard offer={offer} answer={answer} />}
        {!offer && may("ownership.offer") && <MakeOffer candidates={candidates} to={to} answer={answer} />}
        {!offer && !may("ownership.offer") && <NoOffer />}
      </div>
    </div>
  );
}

/** The open offer, kept live: owners hear of it in the organization's log, the receiver is hinted. Past its time it is none. */
function useOffer({ offer: fresh, asOf }: { offer: OpenOffer | null; asOf: string }) {
  const { organization } = useOrganization();
  const api = useApi();
  const input = { organization: organization.slug };
  const { data, refetch, refreshError } = useLiveData<OpenOffer | null>({
    key: api.ownership.current.queryKey(input),
    fresh,
    asOf,
    merge: mergeOffer,
    read: () => browserApi().ownership.current.query(input),
  });
  const latest = useRef(refetch);
  latest.current = refetch;
  useEffect(() => personHints.subscribe(() => latest.current()), []);
  const nowMs = useNow();
  const isOver = data !== null && Date.parse(data.expiresAt) <= nowMs;
  return { offer: isOver ? null : data, refetch, refreshError };
}

function NoOffer() {
  const { organization } = useOrganization();
  return (
    <Card isFlush>
      <EmptyState
        icon={Crown}
        title="Nothing is offered to you"
        action={<ButtonLink to={`/o/${organization.slug}/roles`}>What can each role do?</ButtonLink>}
      >
        When an owner offers you the ownership, you accept or decline it here. An offer that was here before has been
        taken back, answered, or has run out.
      </EmptyState>
    </Card>
  );
}
