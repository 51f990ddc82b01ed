import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { MailedLink } from "~/components/mailed-link";
import { followMailedLink } from "~/forms/follow-mailed-link.server";
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
  return (
    <MailedLink
      title="Confirm your new address"
      description="You came here by a link in a mail. Press the button to sign in with this address from now on; the old one is told."
      button="Use this address"
      pendingLabel="Confirming…"
    />
  );
}
