import { allApiKeyScopes } from "@guildhall/auth/permissions";
import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import type { MadeKey } from "./api-key-dialogs";
import { scopeField } from "./scope-fields";

const FIELDS = ["name", "apiKeyId", "scopes", ...allApiKeyScopes.map(scopeField)];

/** The forms of the API keys' page: create, revoke. */
export async function manageApiKeys(request: Request, context: LoadContext, organization: string) {
  const intent = (await request.clone().formData()).get("intent");
  return submit({ request, context, fields: FIELDS }, async ({ name = "", apiKeyId = "", ...values }) => {
    if (intent === "revoke-key") {
      await context.api.apiKeys.revoke.mutate({ organization, apiKeyId });
      return redirectWithToast(`/o/${organization}/settings/api-keys`, "The key was revoked.");
    }
    const scopes = allApiKeyScopes.filter((scope) => values[scopeField(scope)] === "on");
    const { key } = await context.api.apiKeys.create.mutate({ organization, name, scopes });
    return { made: { key, scopes } } satisfies MadeKey;
  });
}
