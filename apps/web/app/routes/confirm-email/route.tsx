import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData } from "@remix-run/react";
import { EntranceTitle } from "~/components/entrance-title";
import { ActionForm, SubmitButton } from "~/components/form";
import { TextLink } from "~/components/text-link";
import { followMailedLink } from "~/forms/follow-mailed-link.server";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";

export const meta: MetaFunction = () => [
  { title: "Confirm your new address · Guildhall" },
  { name: "robots", content: "noindex" },
];

export async function action(args: ActionFunctionArgs) {
  return followMailedLink(args, async (token) => {
    const { email } = await args.context.api.email.confirmChange.mutate({ token });
    return `You now sign in with ${email}.`;
  });
}

export const clientAction = keepWhenUnreachable;

export default function ConfirmEmail() {
  const result = resultOf(useActionData(), "confirm");
  return (
    <div className="grid gap-5">
      <EntranceTitle
        title="Confirm your new address"
        description="You came here by a link in a mail. Press the button to sign in with this address from now on; the old one is told."
      />
      <ActionForm intent="confirm" result={result}>
        <SubmitButton pendingLabel="Confirming…">Use this address</SubmitButton>
      </ActionForm>
      {result && (
        <p className="text-ink-muted text-sm">
          You can ask for another link, or for another address, under{" "}
          <TextLink to="/settings/account">Account</TextLink>.
        </p>
      )}
    </div>
  );
}
