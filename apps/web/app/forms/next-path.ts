/**
 * The page to lead to after signing in, if it is one of ours: a path on this origin. Anything a browser would read as another
 * origin ("//host", "/\host", "https:…", control characters that it drops) leads to the start page instead.
 */
export function nextPath(wanted: string | null | undefined): string {
  if (!wanted?.startsWith("/") || wanted.length > 2_000) return "/";
  const here = "http://portal.invalid";
  try {
    const url = new URL(wanted, here);
    if (url.origin !== here || wanted.startsWith("//") || wanted.includes("\\")) return "/";
    const path = `${url.pathname}${url.search}${url.hash}`;
    return path.startsWith("//") ? "/" : path;
  } catch {
    return "/";
  }
}
