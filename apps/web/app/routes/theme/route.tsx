import { type ActionFunctionArgs, data, redirect } from "@remix-run/node";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { parseTheme, themeCookie } from "~/frame/theme";

/** Keeps how the page is coloured. Without JavaScript the form's page is shown again. */
export async function action({ request }: ActionFunctionArgs) {
  const form = await request.formData();
  const headers = { "set-cookie": themeCookie(parseTheme(form.get("theme"))) };
  return form.has("back") ? redirect("/settings/account", { headers }) : data(null, { headers });
}

export const clientAction = keepWhenUnreachable;

export function loader() {
  return redirect("/settings/account");
}
