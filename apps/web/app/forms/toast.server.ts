import { createCookie, redirect } from "@remix-run/node";
import { type Toast, toastCookie, type Undo } from "~/components/toast";

const PREFIX = toastCookie("");
const OPTIONS = { path: "/", sameSite: "lax", maxAge: 30 } as const;
const LONGEST_MESSAGE = 300;
/** As many as a page shows at once. */
const MOST_SHOWN = 3;
/** Cookies that somebody else piled up are not read. */
const MOST_READ = 20;

/**
 * Leads to a page that shows a short message once, with or without JavaScript; with the way back where there is one. The
 * message waits in a cookie of its own, for the page that is led to: another tab that reads another page in between does not
 * take it. (One on the very same page may show it as well.) Scripts may read the cookie, since the page takes it away itself (see takeToasts).
 */
export async function redirectWithToast(to: string, message: string, undo?: Undo) {
  const { pathname } = new URL(to, "http://portal.invalid");
  const cookie = createCookie(toastCookie(crypto.randomUUID()), OPTIONS);
  return redirect(to, { headers: { "set-cookie": await cookie.serialize({ message, undo, pathname }) } });
}

/**
 * The messages that are due on this page, and the headers that take them out of the cookies. A page with scripts reads its data
 * often, and the browser drops an answer when a newer read overtakes it; so only a whole page takes a message away at once,
 * else the page does it itself when it has shown it.
 */
export async function takeToasts(request: Request): Promise<{ toasts: Toast[]; clear: Headers }> {
  const { pathname } = new URL(request.url);
  const isWholePage = request.headers.get("accept")?.includes("text/html") ?? false;
  const header = request.headers.get("cookie");
  const clear = new Headers();
  const toasts: Toast[] = [];
  for (const name of waitingNames(header)) {
    if (toasts.length === MOST_SHOWN) break;
    const cookie = createCookie(name, OPTIONS);
    const toast = readToast(name.slice(PREFIX.length), await cookie.parse(header).catch(() => null), pathname);
    if (!toast) continue;
    toasts.push(toast);
    if (isWholePage) clear.append("set-cookie", await cookie.serialize("", { maxAge: 0 }));
  }
  return { toasts, clear };
}

function waitingNames(header: string | null): string[] {
  const names = (header ?? "").split(";").map((pair) => pair.split("=")[0]?.trim() ?? "");
  return names.filter((name) => /^toast-[0-9a-f-]{36}$/.test(name)).slice(0, MOST_READ);
}

/** "/" leads on to another page, so what waits for it is shown wherever that ends. */
function readToast(id: string, value: unknown, pathname: string): Toast | undefined {
  if (typeof value !== "object" || value === null || !("message" in value) || !("pathname" in value)) return undefined;
  if (value.pathname !== pathname && value.pathname !== "/") return undefined;
  if (typeof value.message !== "string") return undefined;
  const undo = "undo" in value ? readUndo(value.undo) : undefined;
  return { id, message: value.message.slice(0, LONGEST_MESSAGE), ...(undo ? { undo } : {}) };
}

/** The cookie is not signed: only a form of an organization's or an enterprise's own page is taken from it. */
function readUndo(value: unknown): Undo | undefined {
  if (typeof value !== "object" || value === null || !("action" in value) || !("fields" in value)) return undefined;
  const { action, fields } = value;
  if (typeof action !== "string" || !/^\/(?:o|enterprise)\/[a-z0-9-]+\/[a-z0-9/-]+(?:\?[^#]*)?$/.test(action))
    return undefined;
  if (typeof fields !== "object" || fields === null) return undefined;
  const texts = Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === "string");
  return { action, fields: Object.fromEntries(texts) };
}
