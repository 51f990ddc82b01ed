/**
 * The same page at an organization's new address: path, query and hash stay, the slug changes. Undefined when the page is not
 * one under the old slug.
 */
export function movedPath(page: Pick<URL, "pathname" | "search" | "hash">, oldSlug: string, newSlug: string) {
  const { pathname, search, hash } = page;
  const old = `/o/${oldSlug}`;
  if (pathname !== old && !pathname.startsWith(`${old}/`)) return undefined;
  return `/o/${newSlug}${pathname.slice(old.length)}${search}${hash}`;
}
