import { redirect } from "@remix-run/node";
import type { LoadContext } from "~/api/load-context";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";

/** The forms behind an invite's link: accept, decline, make an account, or sign out to come back as somebody else. */
export async function answerInvite(request: Request, context: LoadContext, token: string) {
  const { invites, identity } = context.api;
  const intent = String((await request.clone().formData()).get("intent"));
  const fields = ["name", "password"] as const;
  // The only thing that a look behind the link can find wrong with what was typed.
  const fieldOf = { invalid_input: "password" } as const;
  return submit({ request, context, fields, fieldOf }, async ({ name, password }) => {
    switch (intent) {
      case "switch-account":
        await identity.signOut.mutate();
        return redirect(signInTo(token));
      case "sign-up": {
        const { slug } = await invites.signUp.mutate({ token, name, password });
        return redirectWithToast(`/o/${slug}`, "Welcome: your account is made, and you are a member now.");
      }
      case "decline":
        await invites.decline.mutate({ token });
        return redirectWithToast("/settings/organizations", "You have declined the invite.");
      default: {
        const { slug } = await invites.accept.mutate({ token });
        return redirectWithToast(`/o/${slug}`, "Welcome: you are a member now.");
      }
    }
  });
}

/** Signing in, and back to the invite. */
function signInTo(token: string): string {
  return `/sign-in?next=${encodeURIComponent(`/invite/${token}`)}`;
}
