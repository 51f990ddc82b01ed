import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { ROLES } from "~/organization/roles";

const MODEL = "model_";

/** The one form of the spend policy's page. */
export async function setPolicy(request: Request, context: LoadContext, organization: string) {
  const form = await request.clone().formData();
  const models = [...form.keys()].filter((name) => name.startsWith(MODEL));
  const fields = [
    ...["teamsMaySpend", "perSpendLimit", "teamMonthlyLimit", "models", "roles"],
    ...ROLES.map((role) => `role_${role}`),
    ...models,
  ];
  return submit({ request, context, fields }, async (values) => {
    await context.api.spendPolicy.set.mutate({
      organization,
      roles: ROLES.filter((role) => values[`role_${role}`] === "on"),
      teamsMaySpend: values.teamsMaySpend === "on",
      perSpendLimit: values.perSpendLimit ?? "",
      teamMonthlyLimit: values.teamMonthlyLimit ?? "",
      models: values.models === "chosen" ? models.map((name) => name.slice(MODEL.length)) : null,
    });
    return redirectWithToast(`/o/${organization}/settings/spending`, "The spend policy holds from the next charge on.");
  });
}
