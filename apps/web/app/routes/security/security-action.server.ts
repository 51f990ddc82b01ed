import { redirect } from "@remix-run/node";
import type { LoadContext } from "~/api/load-context";
import { readApiError } from "~/api/read-error";
import { proveIdentity } from "~/confirmation/prove-identity.server";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { PAGE } from "./page-path";

const FIELDS = ["password", "newPassword", "code", "name", "passkeyId", "sessionId", "then"] as const;
const FIELD_OF = { wrong_password: "password", wrong_code: "code" } as const;

type Values = Record<(typeof FIELDS)[number], string>;

/** What the action answers when codes were made: the only time they are seen. */
export interface MadeCodes {
  recoveryCodes: string[];
}

/** The forms of the security page: password, factors, devices, and the proof that they ask for. */
export async function manageSecurity(request: Request, context: LoadContext) {
  const intent = String((await request.clone().formData()).get("intent"));
  return submit({ request, context, fields: FIELDS, fieldOf: FIELD_OF }, (values) => run(intent, context, values));
}

async function run(intent: string, context: LoadContext, values: Values) {
  const { security, secondFactor, sessions } = context.api;
  switch (intent) {
    case "change-password":
      await security.changePassword.mutate({ password: values.password, newPassword: values.newPassword });
      return redirectWithToast(PAGE, "The password was changed. All other devices were signed out.");
    case "confirm-password":
    case "confirm-code": {
      const goOn = await proveIdentity(context, intent, { ...values, page: PAGE });
      // Setting up an app begins at once: that is what was pressed.
      return values.then === "?dialog=totp" ? beginTotp(context) : goOn;
    }
    case "begin-totp":
      return beginTotp(context);
    case "add-totp": {
      const { recoveryCodes } = await secondFactor.addTotp.mutate({ code: values.code });
      if (recoveryCodes) return { recoveryCodes } satisfies MadeCodes;
      return redirectWithToast(PAGE, "The new authenticator app is set up. The old one no longer works.");
    }
    case "remove-totp":
      await secondFactor.removeTotp.mutate();
      return redirectWithToast(PAGE, "The authenticator app was removed.");
    case "renew-codes":
      return (await secondFactor.renewRecoveryCodes.mutate()) satisfies MadeCodes;
    case "rename-passkey":
      await secondFactor.renamePasskey.mutate({ passkeyId: values.passkeyId, name: values.name });
      return redirectWithToast(PAGE, `The passkey is now called ${values.name.trim()}.`);
    case "remove-passkey":
      await secondFactor.removePasskey.mutate({ passkeyId: values.passkeyId });
      return redirectWithToast(PAGE, "The passkey was removed.");
    case "end-session":
      await sessions.end.mutate({ sessionId: values.sessionId });
      return redirectWithToast(PAGE, "The device was signed out.");
    default: {
      const { count } = await sessions.endOthers.mutate();
      return redirectWithToast(
        PAGE,
        `${count === 1 ? "One other device was" : `${count} other devices were`} signed out.`,
      );
    }
  }
}

async function beginTotp(context: LoadContext) {
  try {
    await context.api.secondFactor.beginTotp.mutate();
  } catch (error) {
    // The dialog asks for the proof that is missing.
    if (readApiError(error)?.code !== "confirmation_required") throw error;
  }
  return redirect(`${PAGE}?dialog=totp`);
}
