import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

/** Says yes or no to an invite that the reader's verified address has received. */
export async function answerReceived(
  request: Request,
  context: LoadContext,
  intent: "accept-invite" | "decline-invite",
) {
  const fields = ["organizationId", "inviteId", "name"] as const;
  return submit({ request, context, fields }, async ({ organizationId, inviteId, name }) => {
    const { invites } = context.api;
    if (intent === "decline-invite") {
      await invites.declineReceived.mutate({ organizationId, inviteId });
      return redirectWithToast("/settings/organizations", `You have declined the invite of ${name}.`);
    }
    const { slug } = await invites.acceptReceived.mutate({ organizationId, inviteId });
    return redirectWithToast(`/o/${slug}`, `Welcome to ${name}: you are a member now.`);
  });
}
