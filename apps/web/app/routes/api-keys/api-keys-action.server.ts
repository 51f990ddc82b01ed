import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import type { MadeKey } from "./api-key-dialogs";

/** The forms of the API keys' page: create, revoke. */
export async function manageApiKeys(request: Request, context: LoadContext, slug: string) {
  const intent = (await request.clone().formData()).get("intent");
  return submit({ request, context, fields: ["name", "apiKeyId"] }, async ({ name, apiKeyId }) => {
    if (intent === "revoke-key") {
      await context.api.apiKeys.revoke.mutate({ organization: slug, apiKeyId });
      return redirectWithToast(`/o/${slug}/settings/api-keys`, "The key was revoked.");
    }
    const { key } = await context.api.apiKeys.create.mutate({ organization: slug, name });
    return { made: { key } } satisfies MadeKey;
  });
}
