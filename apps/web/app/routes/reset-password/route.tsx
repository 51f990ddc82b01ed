import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { readApiError } from "~/api/read-error";
import { ButtonLink } from "~/components/button";
import { EntranceTitle } from "~/components/entrance-title";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

export const meta: MetaFunction = () => [
  { title: "Choose a new password · Guildhall" },
  { name: "robots", content: "noindex" },
];

/** Only looks: whoever scans mail for viruses opens the link first. The form uses it up. */
export async function loader({ context, params }: LoaderFunctionArgs) {
  try {
    const { email } = await context.api.email.passwordReset.query({ token: params.token ?? "" });
    return { email, gone: null };
  } catch (error) {
    const refused = readApiError(error);
    if (!refused || refused.status >= 500 || refused.status === 0) throw error;
    return data({ email: null, gone: refused.message }, { status: refused.status });
  }
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  const form = { request, context, fields: ["password"], fieldOf: { invalid_input: "password" } } as const;
  return submit(form, async ({ password }) => {
    await context.api.email.resetPassword.mutate({ token: params.token ?? "", password });
    return redirectWithToast("/sign-in", "Your password is changed, and every device is signed out. Sign in with it.");
  });
}

export const clientAction = keepWhenUnreachable;

export default function ResetPassword() {
  const { email, gone } = useLoaderData<typeof loader>();
  const result = resultOf(useActionData(), "reset");
  if (email === null) return <LinkGone reason={gone ?? ""} />;
  return (
    <div className="grid gap-5">
      <EntranceTitle
        title="Choose a new password"
        description={`For ${email}. Every device that is signed in will be signed out.`}
      />
      <ActionForm intent="reset" result={result}>
        {/* So that a password manager knows whose password it keeps. */}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <TextField
          name="password"
          label="New password"
          type="password"
          autoComplete="new-password"
          required
          hint="At least 8 characters."
          error={result?.fieldErrors.password}
        />
        <SubmitButton pendingLabel="Changing it…">Change the password</SubmitButton>
      </ActionForm>
    </div>
  );
}

function LinkGone({ reason }: { reason: string }) {
  return (
    <div className="grid gap-4">
      <h1 className="font-semibold text-xl tracking-tight">Choose a new password</h1>
      <Notice tone="warning" title="This link cannot be used">
        {reason}
      </Notice>
      <ButtonLink to="/forgot-password">Ask for a new link</ButtonLink>
    </div>
  );
}
