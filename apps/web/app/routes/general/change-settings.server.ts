import { formatCredits, parseCredits } from "@guildhall/shared";
import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

const FIELDS = ["name", "previousName", "allowance", "previousAllowance"] as const;

/** The general settings' forms: the name, what a member may spend in a month, whether a second factor is required. */
export async function changeSettings(request: Request, context: LoadContext, organization: string) {
  const form = await request.clone().formData();
  const here = `/o/${organization}/settings/general`;
  return submit({ request, context, fields: FIELDS }, async ({ name, previousName, allowance, previousAllowance }) => {
    if (form.get("intent") === "allowance") {
      await context.api.allowances.set.mutate({ organization, allowance });
      const isKnown = form.has("previousAllowance") && previousAllowance !== allowance.trim();
      const back = { intent: "allowance", allowance: previousAllowance };
      return redirectWithToast(here, allowanceText(allowance), isKnown ? { action: here, fields: back } : undefined);
    }
    if (form.get("intent") === "second-factor") {
      const isRequired = form.get("isRequired") === "true";
      await context.api.organizations.requireSecondFactor.mutate({ organization, isRequired });
      return redirectWithToast(here, isRequired ? "A second factor is now required." : "It is no longer required.");
    }
    await context.api.organizations.rename.mutate({ organization, name });
    const undo = previousName ? { action: here, fields: { intent: "rename", name: previousName } } : undefined;
    return redirectWithToast(here, `The name is now ${name.trim()}.`, undo);
  });
}

function allowanceText(allowance: string): string {
  const amountMicro = allowance.trim() === "" ? undefined : parseCredits(allowance);
  if (amountMicro === undefined) return "Members now spend without a monthly limit.";
  if (amountMicro === 0n) return "Members no longer spend the organization’s credits.";
  return `Each member may now spend ${formatCredits(amountMicro)} credits a month.`;
}
