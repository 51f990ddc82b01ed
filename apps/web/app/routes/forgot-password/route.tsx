import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { EntranceTitle } from "~/components/entrance-title";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { MailDeliveryNote } from "~/components/mail-delivery-note";
import { Notice } from "~/components/notice";
import { TextLink } from "~/components/text-link";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";

export const meta: MetaFunction = () => [{ title: "Set a new password · Guildhall" }];

export async function loader({ context }: LoaderFunctionArgs) {
  return context.api.email.delivery.query();
}

export async function action({ request, context }: ActionFunctionArgs) {
  return submit({ request, context, fields: ["email"] }, async ({ email }) => {
    await context.api.email.requestPasswordReset.mutate({ email });
    return data({ requestedFor: email.trim() });
  });
}

export const clientAction = keepWhenUnreachable;

export default function ForgotPassword() {
  const { delivery } = useLoaderData<typeof loader>();
  const answer = useActionData<unknown>();
  const requestedFor = readRequested(answer);
  return (
    <div className="grid gap-5">
      <EntranceTitle
        title="Set a new password"
        description="Say the e-mail of your account. A link to choose a new password goes there."
      />
      {requestedFor ? <OnItsWay email={requestedFor} /> : <RequestForm answer={answer} isOff={delivery === "off"} />}
      <MailDeliveryNote delivery={delivery} />
      <p className="text-ink-muted text-sm">
        You remember it? <TextLink to="/sign-in">Sign in</TextLink>
      </p>
    </div>
  );
}

function RequestForm({ answer, isOff }: { answer: unknown; isOff: boolean }) {
  const result = resultOf(answer, "request");
  return (
    <ActionForm intent="request" result={result}>
      <TextField
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
        inputMode="email"
        required
        disabled={isOff}
        defaultValue={result?.values.email}
        error={result?.fieldErrors.email}
      />
      {!isOff && <SubmitButton pendingLabel="Asking…">Send the link</SubmitButton>}
    </ActionForm>
  );
}

/** The same whether or not there is such an account: this page is no directory. */
function OnItsWay({ email }: { email: string }) {
  return (
    <Notice tone="positive" title="Look into your mailbox">
      If there is an account for {email}, a link is on its way. It works for one hour and once. Nothing there after some
      minutes? Look among spam, or <TextLink to="/forgot-password">try again</TextLink>.
    </Notice>
  );
}

function readRequested(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("requestedFor" in answer)) return undefined;
  return String(answer.requestedFor);
}
