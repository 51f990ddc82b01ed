import type { ActionFunctionArgs } from "@remix-run/node";
import { readMe } from "~/api/session.server";
import { submit } from "./submit.server";
import { redirectWithToast } from "./toast.server";

/**
 * Does what a link that came by mail is for, when its button is pressed. Opening the page does nothing: mail scanners and
 * prefetching browsers open links too. Ends where the person goes on: in the portal, or at its door.
 */
export async function followMailedLink(
  { request, context, params }: ActionFunctionArgs,
  act: (token: string) => Promise<string>,
) {
  return submit({ request, context, fields: [] }, async () => {
    const message = await act(params.token ?? "");
    const isSignedIn = (await readMe(context)) !== null;
    return redirectWithToast(isSignedIn ? "/settings/account" : "/sign-in", message);
  });
}
