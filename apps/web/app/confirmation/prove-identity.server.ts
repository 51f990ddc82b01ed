import { redirect } from "@remix-run/node";
import type { LoadContext } from "~/api/load-context";
import { wantedPath } from "./wanted-path";

/** What the forms of the dialog send that asks whether it is still the reader. */
interface Proof {
  password: string;
  code: string;
  then: string;
}

/** Takes the proof of one of these forms, and leads on to what it was asked for. */
export async function proveIdentity(
  { api }: LoadContext,
  intent: string,
  { page, ...proof }: Proof & { page: string },
) {
  if (intent === "confirm-code") await api.security.confirmByCode.mutate({ code: proof.code });
  else await api.security.confirmByPassword.mutate({ password: proof.password });
  return redirect(wantedPath(page, proof.then));
}
