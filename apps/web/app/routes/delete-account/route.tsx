import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { readForPage } from "~/api/session.server";
import type { Factors } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { PageHeader } from "~/components/page-header";
import { TextLink } from "~/components/text-link";
import { ConfirmDialog } from "~/confirmation/confirm-dialog";
import { ConfirmGate } from "~/confirmation/confirm-gate";
import { isConfirmationDue, isProof, isUnconfirmed } from "~/confirmation/confirmation-due";
import { proveIdentity } from "~/confirmation/prove-identity.server";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { usePortal } from "~/frame/portal-context";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useRefreshOnHints } from "~/live/use-refresh-on-hints";
import { memberCountText } from "~/organization/counts";
import { roleLabel } from "~/organization/roles";

const HERE = "/settings/account/delete";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Delete account · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { account, secondFactor } = context.api;
  return readForPage(request, context, async () => {
    const [ended, factors] = await Promise.all([account.deletion.query(), secondFactor.get.query()]);
    return { ...ended, factors };
  });
}

export async function action({ request, context }: ActionFunctionArgs) {
  const intent = String((await request.clone().formData()).get("intent"));
  const fieldOf = { invalid_input: "email", invalid_credentials: "password", wrong_code: "code" } as const;
  const fields = ["email", "password", "code", "then"] as const;
  return submit({ request, context, fields, fieldOf }, async ({ email, password, code, then }) => {
    if (isProof(intent)) return proveIdentity(context, intent, { page: HERE, password, code, then });
    await context.api.account.delete.mutate({ email, password });
    return redirectWithToast("/sign-in", "Your account is deleted.");
  });
}

export const clientAction = keepWhenUnreachable;

type Ended = ReturnType<typeof useLoaderData<typeof loader>>["organizations"];

/** The end of an account: what goes, what stays, what stands in the way, and a form that nobody sends by accident. */
export default function DeleteAccountPage() {
  const { organizations, enterprises, factors } = useLoaderData<typeof loader>();
  useRefreshOnHints();
  const inTheWay = organizations.filter(({ isLastOwner }) => isLastOwner);
  const canDelete = inTheWay.length === 0 && enterprises.length === 0;
  return (
    <div className="max-w-2xl">
      <PageHeader title="Delete account" description="For good: a deleted account cannot be brought back." />
      <div className="grid gap-6">
        {inTheWay.length > 0 && <InTheWay organizations={inTheWay} />}
        {enterprises.length > 0 && <EnterprisesInTheWay enterprises={enterprises} />}
        <Consequences organizations={organizations} />
        {canDelete && <Confirmation factors={factors} />}
      </div>
    </div>
  );
}

function InTheWay({ organizations }: { organizations: Ended }) {
  return (
    <Notice
      tone="warning"
      title={`You are the only owner of ${organizations.length === 1 ? "an organization" : `${organizations.length} organizations`}`}
    >
      <p>
        An organization needs an owner. Make somebody else an owner, or offer them the ownership; then your account can
        be deleted.
      </p>
      <ul className="mt-2 grid gap-1">
        {organizations.map(({ slug, name, memberCount }) => (
          <li key={slug}>
            <span className="font-medium text-ink">{name}</span>, {memberCountText(memberCount)}:{" "}
            {memberCount === 1 ? (
              <TextLink to={`/o/${slug}/invites?dialog=invite`}>invite a new owner</TextLink>
            ) : (
              <>
                <TextLink to={`/o/${slug}/ownership`}>offer the ownership</TextLink> or{" "}
                <TextLink to={`/o/${slug}/members`}>change a role</TextLink>
              </>
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function EnterprisesInTheWay({ enterprises }: Pick<ReturnType<typeof useLoaderData<typeof loader>>, "enterprises">) {
  return (
    <Notice tone="warning" title="You are the only admin of an enterprise">
      <p>
        It has teams, or organizations with other members. Add somebody else as an admin; then your account can be
        deleted.
      </p>
      <ul className="mt-2 grid gap-1">
        {enterprises.map(({ slug, name }) => (
          <li key={slug}>
            <span className="font-medium text-ink">{name}</span>:{" "}
            <TextLink to={`/enterprise/${slug}/teams`}>add an admin</TextLink>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Consequences({ organizations }: { organizations: Ended }) {
  return (
    <Card title="What happens">
      <ul className="grid list-disc gap-1 pl-5">
        {organizations.length > 0 && (
          <li>
            You leave {organizations.length === 1 ? "1 organization" : `${organizations.length} organizations`}:{" "}
            {organizations.map(({ name, role }) => `${name} (${roleLabel(role)})`).join(", ")}. Invites that you sent
            can no longer be accepted.
          </li>
        )}
        <li>You are signed out everywhere, and what is open closes.</li>
        <li>Your name and your address are erased; the address can be used for a new account.</li>
        <li>
          What you did stays where it was done, under the name “Deleted account”. Audit logs keep what they noted.
        </li>
        <li>
          The books of your own wallet are kept, since books may not lose a page; nobody can spend from it any more.
        </li>
      </ul>
    </Card>
  );
}

function Confirmation({ factors }: { factors: Factors }) {
  const answer = useActionData();
  const [search] = useSearchParams();
  const isWanted = search.get("dialog") === "delete" && isConfirmationDue(factors);
  return (
    <Card title="Confirm">
      <ConfirmGate factors={factors} dialog="delete" then="delete your account">
        <ConfirmationForm answer={answer} />
      </ConfirmGate>
      {(isWanted || isUnconfirmed(answer)) && (
        <ConfirmDialog factors={factors} answer={answer} page={HERE} before="delete your account" />
      )}
    </Card>
  );
}

function ConfirmationForm({ answer }: { answer: unknown }) {
  const { me } = usePortal();
  const result = resultOf(answer, "delete");
  return (
    <ActionForm intent="delete" result={result}>
      <TextField
        name="email"
        label="Your e-mail address"
        hint={`Type ${me.email} to confirm.`}
        type="email"
        autoComplete="off"
        required
        defaultValue={result?.values.email}
        error={result?.fieldErrors.email}
      />
      <TextField
        name="password"
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        error={result?.fieldErrors.password}
      />
      <div className="flex flex-wrap gap-2">
        <SubmitButton look="danger" pendingLabel="Deleting…">
          Delete my account
        </SubmitButton>
        <ButtonLink look="quiet" to="/settings/account">
          Keep it
        </ButtonLink>
      </div>
    </ActionForm>
  );
}
