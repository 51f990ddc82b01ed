import { type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { readMe } from "~/api/session.server";
import { EntranceTitle } from "~/components/entrance-title";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { TextLink } from "~/components/text-link";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { nextPath } from "~/forms/next-path";
import { submit } from "~/forms/submit.server";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { PasskeyButton } from "~/passkeys/passkey-button";

export const meta: MetaFunction = () => [{ title: "Sign in · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { searchParams } = new URL(request.url);
  const next = nextPath(searchParams.get("next"));
  if (await readMe(context)) throw redirect(next);
  return { next, wasEnded: searchParams.has("ended") };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const next = nextPath(new URL(request.url).searchParams.get("next"));
  return submit({ request, context, fields: ["email", "password"] }, async (values) => {
    const { needsSecondFactor } = await context.api.identity.signIn.mutate(values);
    return redirect(needsSecondFactor ? withNext("/sign-in/second-step", next) : next);
  });
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

export default function SignIn() {
  const { next, wasEnded } = useLoaderData<typeof loader>();
  const result = resultOf(useActionData(), "sign-in");
  return (
    <div className="grid gap-5">
      <EntranceTitle title="Sign in" />
      {wasEnded && !result && (
        <Notice tone="warning" title="You were signed out on this device">
          It was signed out from another device, the password was changed, or the session has expired. Sign in to go on
          where you were.
        </Notice>
      )}
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
      <PasskeyButton
        pendingLabel="Waiting for your passkey…"
        act={({ signInWithPasskey }) => signInWithPasskey()}
        // A full load: everything that this page knows is of nobody.
        onDone={() => window.location.assign(next)}
      >
        Sign in with a passkey
      </PasskeyButton>
      <p className="text-ink-muted text-sm">
        New here? <TextLink to={withNext("/sign-up", next)}>Create an account</TextLink>
      </p>
    </div>
  );
}

function withNext(path: string, next: string): string {
  return next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`;
}
