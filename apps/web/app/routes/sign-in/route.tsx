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

export const meta: MetaFunction = () => [{ title: "Sign in · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const next = nextPath(new URL(request.url).searchParams.get("next"));
  if (await readMe(context)) throw redirect(next);
  return { next };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const next = nextPath(new URL(request.url).searchParams.get("next"));
  return submit({ request, context, fields: ["email", "password"] }, async (values) => {
    await context.api.identity.signIn.mutate(values);
    return redirect(next);
  });
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

export default function SignIn() {
  const { next } = useLoaderData<typeof loader>();
  const result = resultOf(useActionData(), "sign-in");
  return (
    <div className="grid gap-5">
      <EntranceTitle title="Sign in" />
      <ActionForm intent="sign-in" result={result}>
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
          autoComplete="current-password"
          required
          error={result?.fieldErrors.password}
        />
        <p className="-mt-2 text-sm">
          <TextLink to="/forgot-password">Forgot your password?</TextLink>
        </p>
        <SubmitButton pendingLabel="Signing in…">Sign in</SubmitButton>
      </ActionForm>
      <p className="text-ink-muted text-sm">
        New here? <TextLink to={withNext("/sign-up", next)}>Create an account</TextLink>
      </p>
    </div>
  );
}

function withNext(path: string, next: string): string {
  return next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`;
}
