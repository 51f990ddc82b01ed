import type { LoadContext } from "~/api/load-context";
import { isProof } from "~/confirmation/confirmation-due";
import { proveIdentity } from "~/confirmation/prove-identity.server";
import { FieldError, submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

const HERE = "/settings/account";

/** Sends the link that proves the address, changes the address, takes the change back, or takes the proof that a change needs. */
export async function changeEmail(request: Request, context: LoadContext) {
  const intent = String((await request.clone().formData()).get("intent"));
  const { email: api } = context.api;
  const fieldOf = { wrong_password: "password", wrong_code: "code" } as const;
  const fields = ["email", "password", "code", "then"] as const;
  return submit({ request, context, fields, fieldOf }, async ({ email, password, code, then }) => {
    if (isProof(intent)) return proveIdentity(context, intent, { page: HERE, password, code, then });
    if (intent === "send-verification") {
      const { sent } = await api.sendVerification.mutate();
      return redirectWithToast(HERE, sent ? "A new link is on its way to you." : "Your address is verified already.");
    }
    if (intent === "cancel-email") {
      await api.cancelChange.mutate();
      return redirectWithToast(HERE, "Your address stays as it is.");
    }
    await api.requestChange.mutate({ email, password }).catch(atItsField);
    return redirectWithToast(HERE, `A link is on its way to ${email.trim()}.`);
  });
}

/** That the new address is the old one is about the field, and said in words of its own. */
function atItsField(error: unknown): never {
  const { data } = error as { data?: { domainCode?: string; details?: { field?: string } } };
  if (data?.domainCode === "invalid_input" && data.details?.field) {
    throw new FieldError(data.details.field, (error as Error).message);
  }
  throw error;
}
