import { formatCredits, parseCredits } from "@guildhall/shared";
import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

const FIELDS = ["amount", "description", "reason", "idempotencyKey"] as const;

/** The wallet's two forms: credits are added or deducted, then the wallet is shown. */
export async function moveCredits(request: Request, context: LoadContext, slug: string) {
  const intent = (await request.clone().formData()).get("intent");
  const { wallets } = context.api;
  const fieldOf = { insufficient_balance: "amount" } as const;
  return submit({ request, context, fields: FIELDS, fieldOf }, async (values) => {
    const { amount, description, reason, idempotencyKey } = values;
    const moved = { organization: slug, amount, idempotencyKey };
    const shown = formatCredits(parseCredits(amount) ?? 0n);
    if (intent === "deduct-credits") {
      await wallets.deductCredits.mutate({ ...moved, reason });
      return redirectWithToast(`/o/${slug}/wallet`, `${shown} credits deducted.`);
    }
    await wallets.addCredits.mutate({ ...moved, ...(description.trim() ? { description } : {}) });
    return redirectWithToast(`/o/${slug}/wallet`, `${shown} credits added.`);
  });
}
