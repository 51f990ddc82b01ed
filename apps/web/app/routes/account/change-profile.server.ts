import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

/** Changes what the person is called. */
export async function changeProfile(request: Request, context: LoadContext) {
  return submit({ request, context, fields: ["name"] }, async ({ name }) => {
    const changed = await context.api.profile.rename.mutate({ name });
    return redirectWithToast("/settings/account", `You are now called ${changed.name}.`);
  });
}
