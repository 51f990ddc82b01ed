import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { MailedLink } from "~/components/mailed-link";
import { followMailedLink } from "~/forms/follow-mailed-link.server";
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
  return (
    <MailedLink
      title="Verify your address"
      description="You came here by a link in a mail. Press the button, and the address that it was sent to counts as yours."
      button="Verify this address"
      pendingLabel="Verifying…"
    />
  );
}
