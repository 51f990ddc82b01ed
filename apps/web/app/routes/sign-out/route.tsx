import { type ActionFunctionArgs, redirect } from "@remix-run/node";

export async function action({ context }: ActionFunctionArgs) {
  await context.api.identity.signOut.mutate();
  return redirect("/sign-in");
}

/** Somebody opened the address by hand. */
export function loader() {
  return redirect("/");
}
