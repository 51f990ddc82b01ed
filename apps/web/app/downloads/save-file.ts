import type { FetchedFile } from "./fetch-csv";

/** The browser reads the file after the press; it must stay until then, in milliseconds. */
const KEPT_MS = 60_000;

/** Hands a file to the browser as a download. */
export function saveFile({ blob, name }: FetchedFile): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
