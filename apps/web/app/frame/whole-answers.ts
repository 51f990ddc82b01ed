/**
 * Stands before fetch: reads a page's data to its end before it is handed on. Remix decodes it while it arrives; when a newer
 * read cuts it off there, that is written into the console as an error, and a promise of the decoder's stays without a handler,
 * though everything went as meant. Cut off here, it is an aborted request like any other.
 */
export function wholeAnswers(fetchNow: typeof fetch): typeof fetch {
  return async (input, init) => {
    const answer = await fetchNow(input, init);
    if (!isPageData(input) || !answer.body) return answer;
    const { status, statusText, headers } = answer;
    return new Response(await answer.arrayBuffer(), { status, statusText, headers });
  };
}

function isPageData(input: RequestInfo | URL): boolean {
  const address = input instanceof Request ? input.url : String(input);
  return new URL(address, "http://portal.invalid").pathname.endsWith(".data");
}
