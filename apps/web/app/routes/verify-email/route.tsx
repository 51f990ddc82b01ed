import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData } from "@remix-run/react";
import { EntranceTitle } from "~/components/entrance-title";
import { ActionForm, SubmitButton } from "~/components/form";
import { TextLink } from "~/components/text-link";
import { followMailedLink } from "~/forms/follow-mailed-link.server";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";

export const meta: MetaFunction = () => [
  { title: "Verify your address · Guildhall" },
  { name: "robots", content: "noindex" },
];

export async function action(args: ActionFunctionArgs) {
  return followMailedLink(args, async (token) => {
    const { email } = await args.context.api.email.verify.mutate({ token });
    return `${email} is verified.`;
  });
}

export const clientAction = keepWhenUnreachable;

export default function VerifyEmail() {
  const result = resultOf(useActionData(), "verify");
  return (
    <div className="grid gap-5">
      <EntranceTitle
        title="Verify your address"
        description="You came here by a link in a mail. Press the button, and the address that it was sent to counts as yours."
      />
      <ActionForm intent="verify" result={result}>
        <SubmitButton pendingLabel="Verifying…">Verify this address</SubmitButton>
      </ActionForm>
      {result?.code === "link_gone" && (
        <p className="text-ink-muted text-sm">
          You get a new link under <TextLink to="/settings/account">Account</TextLink>.
        </p>
      )}
    </div>
  );
}
