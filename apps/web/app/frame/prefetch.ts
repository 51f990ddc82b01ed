/** How long data fetched ahead may be used. The page follows the log from where that data ends, so it is never stale. */
const FRESH_MS = 5_000;

interface Surroundings {
  /** The browser's own fetch. */
  fetch: typeof fetch;
  /** The address of the page that is open. */
  here: () => string;
  nowMs: () => number;
}

/**
 * Fetches the data of a page ahead, while the pointer is over its link, and hands it to the navigation that follows. Kept in
 * memory only: answers to signed-in people are never stored by the browser (no-store), so its own prefetching would fetch
 * everything twice. Each answer is used once; sending anything makes all of them useless.
 */
export function createPrefetch({ fetch: fetchNow, here, nowMs }: Surroundings) {
  const kept = new Map<string, { answer: Promise<Response>; untilMs: number }>();

  return {
    /** Asks for the data of a page, unless it is open or was asked for just now. */
    ahead(to: string): void {
      const url = new URL(to, here());
      const path = `${url.pathname}.data`;
      if (url.search !== "" || url.pathname === new URL(here()).pathname) return;
      if ((kept.get(path)?.untilMs ?? 0) > nowMs()) return;
      const answer = fetchNow(path, { headers: { purpose: "prefetch" } });
      answer.catch(() => kept.delete(path));
      kept.set(path, { answer, untilMs: nowMs() + FRESH_MS });
    },
    /** Stands before fetch: answers a navigation with what was fetched ahead. */
    fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
      if (init?.method && init.method.toUpperCase() !== "GET") kept.clear();
      const path = pagePath(input, here());
      const found = path ? kept.get(path) : undefined;
      if (!path || !found) return fetchNow(input, init);
      kept.delete(path);
      if (found.untilMs <= nowMs()) return fetchNow(input, init);
      return found.answer.catch(() => fetchNow(input, init));
    },
  };
}

/** The path of a page's data, if that is what is asked for. Which of its routes are wanted does not matter: all are there. */
function pagePath(input: RequestInfo | URL, here: string): string | undefined {
  if (typeof input !== "string" && !(input instanceof URL)) return undefined;
  const url = new URL(input, here);
  const isWhole = [...url.searchParams.keys()].every((name) => name === "_routes");
  return url.origin === new URL(here).origin && url.pathname.endsWith(".data") && isWhole ? url.pathname : undefined;
}

let prefetch: ReturnType<typeof createPrefetch> | undefined;

/** For links: fetches their page's data when the pointer or the keyboard comes to them. */
export function aheadOf(to: string) {
  const begin = () => {
    prefetch ??= install();
    prefetch.ahead(to);
  };
  return { onPointerEnter: begin, onFocus: begin };
}

function install(): ReturnType<typeof createPrefetch> {
  const made = createPrefetch({
    fetch: window.fetch.bind(window),
    here: () => window.location.href,
    nowMs: () => Date.now(),
  });
  // Remix asks for a page's data by the global fetch and leaves no other way in.
  window.fetch = made.fetch;
  return made;
}

/** Says whether a request only fetches ahead: then nothing is remembered or used up for it. */
export function isAhead(request: Request): boolean {
  return (
    request.headers.get("purpose") === "prefetch" || (request.headers.get("sec-purpose")?.includes("prefetch") ?? false)
  );
}
