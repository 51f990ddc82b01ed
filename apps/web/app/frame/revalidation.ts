import type { ShouldRevalidateFunction } from "@remix-run/react";
import { UNREACHABLE } from "~/forms/form-result";

/** Opening and closing a dialog changes the address, not what the page shows: nothing is read again for it. */
export const revalidateUnlessDialog: ShouldRevalidateFunction = (change) => {
  const { currentUrl, nextUrl, defaultShouldRevalidate } = change;
  if (didNotArrive(change)) return false;
  const isSamePage = currentUrl.pathname === nextUrl.pathname && withoutDialog(currentUrl) === withoutDialog(nextUrl);
  if (isRead(change) && isSamePage && currentUrl.search !== nextUrl.search) return false;
  return defaultShouldRevalidate;
};

/**
 * For the frame: going from page to page reads nothing again, since the live channel keeps it. Another organization does, a
 * form does, and asking for it does. So the frame also stays when the server cannot be reached.
 */
export const revalidateUnlessNavigation: ShouldRevalidateFunction = (change) => {
  const { currentUrl, nextUrl, currentParams, nextParams, defaultShouldRevalidate } = change;
  if (didNotArrive(change)) return false;
  const isMove = currentUrl.pathname !== nextUrl.pathname || currentUrl.search !== nextUrl.search;
  if (isRead(change) && isMove && currentParams.slug === nextParams.slug) return false;
  return defaultShouldRevalidate;
};

/** A form that never reached the server has changed nothing, and reading would fail as well. */
function didNotArrive({ actionResult }: { actionResult?: unknown }): boolean {
  return (
    typeof actionResult === "object" &&
    actionResult !== null &&
    "code" in actionResult &&
    actionResult.code === UNREACHABLE
  );
}

/** Parameters that only say which dialog is open, and about what. */
const DIALOG_PARAMETERS = ["dialog", "member", "invite", "key", "team"];

function isRead({ formMethod }: { formMethod?: string | undefined }): boolean {
  return formMethod === undefined || formMethod.toUpperCase() === "GET";
}

function withoutDialog(url: URL): string {
  const search = new URLSearchParams(url.search);
  for (const name of DIALOG_PARAMETERS) search.delete(name);
  search.sort();
  return search.toString();
}
