import { createCookie, redirect } from "@remix-run/node";
import type { Toast } from "~/components/toaster";

const cookie = createCookie("toast", { path: "/", httpOnly: true, sameSite: "lax", maxAge: 30 });

/** Leads to a page that shows a short message once, with or without JavaScript. */
export async function redirectWithToast(to: string, message: string) {
  return redirect(to, { headers: { "set-cookie": await cookie.serialize({ message }) } });
}

/** The message that is due, and the header that takes it out of the cookie. */
export async function takeToast(request: Request): Promise<{ toast: Toast | null; clear: HeadersInit }> {
  const value: unknown = await cookie.parse(request.headers.get("cookie")).catch(() => null);
  if (typeof value !== "object" || value === null || !("message" in value)) return { toast: null, clear: {} };
  const toast = { id: crypto.randomUUID(), message: String(value.message).slice(0, 300) };
  return { toast, clear: { "set-cookie": await cookie.serialize("", { maxAge: 0 }) } };
}
