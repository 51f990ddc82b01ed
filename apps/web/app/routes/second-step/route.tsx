import { type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
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

export const meta: MetaFunction = () => [{ title: "Second step · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const next = nextPath(new URL(request.url).searchParams.get("next"));
  if (await readMe(context)) throw redirect(next);
  const methods = await context.api.secondStep.get.query();
  // Expired, or never begun: it starts with the password.
  if (!methods) throw redirect(startOver(next));
  return { next, methods };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const next = nextPath(new URL(request.url).searchParams.get("next"));
  const form = { request, context, fields: ["code"], fieldOf: { wrong_code: "code" } } as const;
  return submit(form, async ({ code }) => {
    await context.api.secondStep.finishByCode.mutate({ code });
    return redirect(next);
  });
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

/** Asks for the second factor of whoever knew the password. Works without JavaScript, except for passkeys. */
export default function SecondStep() {
  const { next, methods } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const result = resultOf(useActionData(), "second-step");
  const isRecovery = search.get("by") === "recovery" || (!methods.totp && !methods.passkey);
  const isCodeAsked = methods.totp || isRecovery;
  return (
    <div className="grid gap-5">
      <EntranceTitle title="Second step" description="Your password was right. Now prove that it is you." />
      {result?.code === "sign_in_expired" && (
        <p className="text-sm">
          <TextLink to={startOver(next)}>Start again with your password</TextLink>
        </p>
      )}
      {methods.passkey && !isRecovery && (
        <PasskeyButton
          look={methods.totp ? "secondary" : "primary"}
          pendingLabel="Waiting for your passkey…"
          act={({ finishWithPasskey }) => finishWithPasskey()}
          onDone={() => window.location.assign(next)}
        >
          Use a passkey
        </PasskeyButton>
      )}
      {!isCodeAsked && (
        <noscript>
          <Notice title="Passkeys need JavaScript">Turn it on for this site, or use a recovery code.</Notice>
        </noscript>
      )}
      {isCodeAsked && (
        <ActionForm intent="second-step" result={result}>
          {isRecovery ? (
            <RecoveryCodeField error={result?.fieldErrors.code} />
          ) : (
            <AppCodeField error={result?.fieldErrors.code} />
          )}
          <SubmitButton pendingLabel="Checking…">Sign in</SubmitButton>
        </ActionForm>
      )}
      <OtherWays next={next} isRecovery={isRecovery} methods={methods} />
    </div>
  );
}

function AppCodeField({ error }: { error: string | undefined }) {
  return (
    <TextField
      key="app"
      name="code"
      label="Code of your authenticator app"
      inputMode="numeric"
      autoComplete="one-time-code"
      autoFocus
      required
      maxLength={12}
      className="figures tracking-widest"
      hint="Six digits, a new one every 30 seconds."
      error={error}
    />
  );
}

function RecoveryCodeField({ error }: { error: string | undefined }) {
  return (
    <TextField
      key="recovery"
      name="code"
      label="Recovery code"
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      autoFocus
      required
      maxLength={64}
      className="font-mono"
      hint="One of the ten that you kept when you set up the second factor. Each works once."
      error={error}
    />
  );
}

interface OtherWaysProps {
  next: string;
  isRecovery: boolean;
  methods: ReturnType<typeof useLoaderData<typeof loader>>["methods"];
}

function OtherWays({ next, isRecovery, methods }: OtherWaysProps) {
  const here = withNext("/sign-in/second-step", next);
  const hasOther = methods.totp || methods.passkey;
  return (
    <ul className="grid gap-1.5 text-ink-muted text-sm">
      {!isRecovery && methods.recoveryCodesLeft > 0 && (
        <li>
          Lost it? <TextLink to={`${here}${here.includes("?") ? "&" : "?"}by=recovery`}>Use a recovery code</TextLink>
        </li>
      )}
      {isRecovery && hasOther && (
        <li>
          <TextLink to={here}>{methods.totp ? "Use your authenticator app" : "Use your passkey"}</TextLink>
        </li>
      )}
      <li>
        Not you? <TextLink to={startOver(next)}>Sign in as somebody else</TextLink>
      </li>
    </ul>
  );
}

function startOver(next: string): string {
  return withNext("/sign-in", next);
}

function withNext(path: string, next: string): string {
  return next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`;
}
