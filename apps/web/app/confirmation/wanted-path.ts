/** Where a proof leads on to: the dialog of the page that asked for it; the page itself for anything else that a form may carry. */
export function wantedPath(page: string, then: string): string {
  return /^\?dialog=[a-z-]+(&passkey=[0-9a-f-]{36})?$/.test(then) ? `${page}${then}` : page;
}
