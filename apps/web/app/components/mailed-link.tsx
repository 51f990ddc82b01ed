import { useActionData } from "@remix-run/react";
import { resultOf } from "~/forms/form-result";
import { ButtonLink } from "./button";
import { EntranceTitle } from "./entrance-title";
import { ActionForm, SubmitButton } from "./form";
import { Notice } from "./notice";

interface MailedLinkProps {
  title: string;
  description: string;
  button: string;
  pendingLabel: string;
}

/** Refusals that pressing the button again would get again. */
const FOR_GOOD = ["link_gone", "email_taken"];

/** The page behind a link that came by mail: it says what the link does, and does it when the button is pressed. */
export function MailedLink({ title, description, button, pendingLabel }: MailedLinkProps) {
  const result = resultOf(useActionData(), "follow");
  if (result?.code && FOR_GOOD.includes(result.code)) {
    return (
      <div className="grid gap-4">
        <EntranceTitle title={title} />
        <Notice tone="warning" title="This link cannot be used">
          {result.formError}
        </Notice>
        <ButtonLink to="/settings/account">Go to your account</ButtonLink>
      </div>
    );
  }
  return (
    <div className="grid gap-5">
      <EntranceTitle title={title} description={description} />
      <ActionForm intent="follow" result={result}>
        <SubmitButton pendingLabel={pendingLabel}>{button}</SubmitButton>
      </ActionForm>
    </div>
  );
}
