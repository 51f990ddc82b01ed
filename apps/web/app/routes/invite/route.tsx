import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { readApiError } from "~/api/read-error";
import { readMe } from "~/api/session.server";
import { ButtonLink } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { roleLabel, roleMeaning } from "~/organization/roles";

// The address is a secret until it is used: no search engine, no other site sees it.
export const meta: MetaFunction = () => [{ title: "Invite · Guildhall" }, { name: "robots", content: "noindex" }];

export async function loader({ context, params }: LoaderFunctionArgs) {
  const token = params.token ?? "";
  const isSignedIn = (await readMe(context)) !== null;
  try {
    const invite = await context.api.invites.preview.query({ token });
    return { token, isSignedIn, invite, gone: null };
  } catch (error) {
    const refused = readApiError(error);
    if (!refused || refused.status >= 500 || refused.status === 0) throw error;
    const gone = refused.code === "not_found" ? "This invite does not exist. Check the address." : refused.message;
    return data({ token, isSignedIn, invite: null, gone }, { status: refused.status });
  }
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  const token = params.token ?? "";
  const form = await request.clone().formData();
  if (form.get("intent") === "switch-account") {
    await context.api.identity.signOut.mutate();
    throw redirect(`/sign-in?next=${encodeURIComponent(`/invite/${token}`)}`);
  }
  return submit({ request, context, fields: [] }, async () => {
    const { slug } = await context.api.invites.accept.mutate({ token });
    return redirectWithToast(`/o/${slug}`, "Welcome: you are a member now.");
  });
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

export default function InvitePage() {
  const { token, isSignedIn, invite, gone } = useLoaderData<typeof loader>();
  const result = resultOf(useActionData(), "accept");
  if (!invite) {
    return (
      <div className="grid gap-4">
        <h1 className="font-semibold text-xl tracking-tight">Invite</h1>
        <Notice tone="warning" title="This invite cannot be accepted">
          {gone}
        </Notice>
        <ButtonLink to="/">Go to the start page</ButtonLink>
      </div>
    );
  }
  return (
    <div className="grid gap-5">
      <div className="grid gap-2">
        <h1 className="font-semibold text-xl tracking-tight">Join {invite.organizationName}</h1>
        <p className="text-ink-muted">
          {invite.inviterName} invites you as <strong className="font-medium text-ink">{roleLabel(invite.role)}</strong>
          . {roleMeaning(invite.role)}
        </p>
        <p className="text-ink-faint text-sm">
          Expires <Time at={invite.expiresAt} />
        </p>
      </div>
      {!isSignedIn && <Entrances next={`/invite/${token}`} />}
      {isSignedIn && invite.matchesYou === false && (
        <ActionForm intent="switch-account">
          <Notice tone="warning" title="This invite is for another account">
            It was sent to an address that is not the one you are signed in with.
          </Notice>
          <SubmitButton pendingLabel="Signing out…">Use another account</SubmitButton>
        </ActionForm>
      )}
      {isSignedIn && invite.matchesYou && (
        <ActionForm intent="accept" result={result}>
          <SubmitButton pendingLabel="Joining…">Accept the invite</SubmitButton>
        </ActionForm>
      )}
    </div>
  );
}

function Entrances({ next }: { next: string }) {
  const search = `?next=${encodeURIComponent(next)}`;
  return (
    <div className="grid gap-2">
      <ButtonLink look="primary" to={`/sign-in${search}`}>
        Sign in to accept
      </ButtonLink>
      <ButtonLink to={`/sign-up${search}`}>Create an account</ButtonLink>
    </div>
  );
}
