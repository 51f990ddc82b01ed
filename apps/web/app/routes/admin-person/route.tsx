import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { readForPage } from "~/api/session.server";
import { Badge } from "~/components/badge";
import { Card } from "~/components/card";
import { PageHeader } from "~/components/page-header";
import { TextLink } from "~/components/text-link";
import { Time } from "~/components/time";
import { ConfirmDialog } from "~/confirmation/confirm-dialog";
import { isUnconfirmed } from "~/confirmation/confirmation-due";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { ErrorPage } from "~/frame/error-page";
import { ALL_PEOPLE } from "~/frame/links";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { FactorCard } from "./factor-card";
import { resetFactor } from "./reset-factor.server";
import { ResetFactorDialog } from "./reset-factor-dialog";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction<typeof loader> = ({ data: loaded }) => [
  { title: `${loaded?.person.name ?? "Person"} · Platform people · Guildhall` },
];

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const userId = params.userId ?? "";
  const { admin, secondFactor } = context.api;
  return readForPage(request, context, async () => {
    const [person, factors] = await Promise.all([admin.person.query({ userId }), secondFactor.get.query()]);
    return { person, factors };
  });
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  return resetFactor(request, context, params.userId ?? "");
}

export const clientAction = keepWhenUnreachable;

export function ErrorBoundary() {
  return <ErrorPage />;
}

/** One person as support sees them: who they are and how they sign in (C4). */
export default function AdminPersonPage() {
  const { person, factors } = useLoaderData<typeof loader>();
  return (
    <div className="max-w-2xl">
      <p className="mb-2 text-sm">
        <TextLink to={ALL_PEOPLE}>Platform people</TextLink>
      </p>
      <PageHeader title={person.name} description={person.email} />
      <div className="grid gap-6">
        <Card title="Account">
          <dl className="grid gap-2">
            <div className="flex items-baseline justify-between gap-4">
              <dt className="text-ink-muted">Address</dt>
              <dd>
                <Badge tone={person.isVerified ? "positive" : "warning"}>
                  {person.isVerified ? "Verified" : "Not verified"}
                </Badge>
              </dd>
            </div>
            <div className="flex items-baseline justify-between gap-4">
              <dt className="text-ink-muted">Signed up</dt>
              <dd className="font-medium">
                <Time at={person.createdAt} />
              </dd>
            </div>
          </dl>
        </Card>
        <FactorCard person={person} isOwnMissing={hasNone(factors)} />
      </div>
      <Dialogs />
    </div>
  );
}

const hasNone = ({ totp, passkeys }: { totp: unknown; passkeys: unknown[] }) => totp === null && passkeys.length === 0;

/** The reset, after the proof that it is still the admin who sits here. */
function Dialogs() {
  const { person, factors } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const [search] = useSearchParams();
  const page = `${ALL_PEOPLE}/${person.userId}`;
  const canReset = person.secondFactor !== null && !person.isSelf && !hasNone(factors);
  const isOpen = search.get("dialog") === "reset-factor" && canReset;
  const isProofWanted = isUnconfirmed(answer) || (isOpen && !factors.isConfirmed);
  // It stays beneath when the proof ran out meanwhile: address and reason are typed already.
  const isBegun = isOpen && (factors.isConfirmed || resultOf(answer, "reset-factor") !== undefined);
  return (
    <>
      {isBegun && <ResetFactorDialog person={person} closeTo={page} answer={answer} />}
      {isProofWanted && (
        <ConfirmDialog factors={factors} answer={answer} page={page} before="take a factor off somebody’s account" />
      )}
    </>
  );
}
