import { createCookie, redirect } from "@remix-run/node";
import type { Toast, Undo } from "~/components/toaster";

const cookie = createCookie("toast", { path: "/", httpOnly: true, sameSite: "lax", maxAge: 30 });
const LONGEST_MESSAGE = 300;

/** Leads to a page that shows a short message once, with or without JavaScript; with the way back where there is one. */
export async function redirectWithToast(to: string, message: string, undo?: Undo) {
  return redirect(to, { headers: { "set-cookie": await cookie.serialize({ message, undo }) } });
}

/** The message that is due, and the header that takes it out of the cookie. */
export async function takeToast(request: Request): Promise<{ toast: Toast | null; clear: HeadersInit }> {
  const value: unknown = await cookie.parse(request.headers.get("cookie")).catch(() => null);
  if (typeof value !== "object" || value === null || !("message" in value)) return { toast: null, clear: {} };
  const undo = "undo" in value ? readUndo(value.undo) : undefined;
  const toast = {
    id: crypto.randomUUID(),
    message: String(value.message).slice(0, LONGEST_MESSAGE),
    ...(undo ? { undo } : {}),
  };
  return { toast, clear: { "set-cookie": await cookie.serialize("", { maxAge: 0 }) } };
}

/** The cookie is not signed: only a form of an organization's or an enterprise's own page is taken from it. */
function readUndo(value: unknown): Undo | undefined {
  if (typeof value !== "object" || value === null || !("action" in value) || !("fields" in value)) return undefined;
  const { action, fields } = value;
  if (typeof action !== "string" || !/^\/(?:o|enterprise)\/[a-z0-9-]+\//.test(action)) return undefined;
  if (typeof fields !== "object" || fields === null) return undefined;
  return { action, fields: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, String(text)])) };
}
