import { useLocation } from "@remix-run/react";

/** Links that open and close the page's dialogs and keep everything else of the address, like filters. */
export function useDialogPaths() {
  const { pathname, search } = useLocation();
  const parameters = new URLSearchParams(search);
  parameters.delete("dialog");
  const query = parameters.toString();
  return {
    closed: `${pathname}${query && `?${query}`}`,
    open: (dialog: string) => `?${query && `${query}&`}dialog=${dialog}`,
  };
}
