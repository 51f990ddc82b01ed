import type { LoadContext } from "~/api/load-context";
import { isProof } from "~/confirmation/confirmation-due";
import { proveIdentity } from "~/confirmation/prove-identity.server";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { ALL_PEOPLE } from "~/frame/links";

const FIELDS = ["email", "reason", "password", "code", "then"] as const;

/** The forms of a person's page: the reset, and the proof that it asks for. */
export async function resetFactor(request: Request, context: LoadContext, userId: string) {
  const intent = String((await request.clone().formData()).get("intent"));
  const page = `${ALL_PEOPLE}/${userId}`;
  const fieldOf = { invalid_input: "email", wrong_password: "password", wrong_code: "code" } as const;
  return submit({ request, context, fields: FIELDS, fieldOf }, async ({ email, reason, ...proof }) => {
    if (isProof(intent)) return proveIdentity(context, intent, { ...proof, page });
    const { wasRemoved } = await context.api.admin.resetSecondFactor.mutate({ userId, email, reason });
    return redirectWithToast(
      page,
      wasRemoved
        ? "The second factor is reset, and they are signed out everywhere."
        : "They had no second factor any more.",
    );
  });
}
