import { type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { readMe } from "~/api/session.server";
import { EntranceTitle } from "~/components/entrance-title";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { TextLink } from "~/components/text-link";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { nextPath } from "~/forms/next-path";
import { submit } from "~/forms/submit.server";
import { revalidateUnlessDialog } from "~/frame/revalidation";

export const meta: MetaFunction = () => [{ title: "Create an account · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const next = nextPath(new URL(request.url).searchParams.get("next"));
  if (await readMe(context)) throw redirect(next);
  return { next };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const next = nextPath(new URL(request.url).searchParams.get("next"));
  const form = { request, context, fields: ["name", "email", "password"], fieldOf: { email_taken: "email" } } as const;
  return submit(form, async (values) => {
    await context.api.identity.signUp.mutate(values);
    return redirect(next);
  });
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

export default function SignUp() {
  const { next } = useLoaderData<typeof loader>();
  const result = resultOf(useActionData(), "sign-up");
  const signIn = next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
  return (
    <div className="grid gap-5">
      <EntranceTitle title="Create an account" description="One account for all your organizations." />
      <ActionForm intent="sign-up" result={result}>
        <TextField
          name="name"
          label="Name"
          autoComplete="name"
          required
          defaultValue={result?.values.name}
          error={result?.fieldErrors.name}
        />
        <TextField
          name="email"
          label="E-mail"
          type="email"
          autoComplete="username"
          inputMode="email"
          required
          defaultValue={result?.values.email}
          error={result?.fieldErrors.email}
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          autoComplete="new-password"
          required
          hint="At least 8 characters."
          error={result?.fieldErrors.password}
        />
        <SubmitButton pendingLabel="Creating the account…">Create account</SubmitButton>
      </ActionForm>
      <p className="text-ink-muted text-sm">
        You have an account? <TextLink to={signIn}>Sign in</TextLink>
      </p>
    </div>
  );
}
