import type { ShouldRevalidateFunction } from "@remix-run/react";

/** Opening and closing a dialog changes the address, not what the page shows: nothing is read again for it. */
export const revalidateUnlessDialog: ShouldRevalidateFunction = ({
  currentUrl,
  nextUrl,
  formMethod,
  defaultShouldRevalidate,
}) => {
  const isRead = formMethod === undefined || formMethod.toUpperCase() === "GET";
  const isSamePage = currentUrl.pathname === nextUrl.pathname && withoutDialog(currentUrl) === withoutDialog(nextUrl);
  if (isRead && isSamePage && currentUrl.search !== nextUrl.search) return false;
  return defaultShouldRevalidate;
};

/** Parameters that only say which dialog is open, and about what. */
const DIALOG_PARAMETERS = ["dialog", "member", "invite", "key"];

function withoutDialog(url: URL): string {
  const search = new URLSearchParams(url.search);
  for (const name of DIALOG_PARAMETERS) search.delete(name);
  search.sort();
  return search.toString();
}
