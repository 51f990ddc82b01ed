import type { EntryContext } from "@remix-run/node";
import { RemixServer } from "@remix-run/react";
import { renderToString } from "react-dom/server";
import type { LoadContext } from "./api/load-context";
import { NonceProvider } from "./api/nonce";
import { KEEP_EARLY_DOINGS } from "./frame/early-doings";

/**
 * Renders a page in one piece. Streaming would cost several times the CPU and win nothing: loaders await what they read. The
 * page's data, which Remix would stream behind the markup, is put before the end of the body.
 */
export default async function handleRequest(
  _request: Request,
  status: number,
  headers: Headers,
  page: EntryContext,
  context: LoadContext,
) {
  const stream = page.serverHandoffStream;
  const { nonce } = context;
  const rendered = renderToString(
    <NonceProvider value={nonce}>
      <RemixServer context={{ ...page, serverHandoffStream: undefined as never }} url={_request.url} nonce={nonce} />
    </NonceProvider>,
  );
  // At the end of the head, where React leaves alone what it does not know.
  const markup = rendered.replace("</head>", () => `<script nonce="${nonce}">${KEEP_EARLY_DOINGS}</script></head>`);
  const data = stream ? await readAll(stream) : "";
  const script = `<script nonce="${nonce}">${handOver(data)}</script>`;
  const end = markup.lastIndexOf("</body>");
  headers.set("content-type", "text/html; charset=utf-8");
  return new Response(`<!doctype html>${markup.slice(0, end)}${script}${markup.slice(end)}`, { status, headers });
}

/** Writes what a loader, an action or a render failed at into the server's log, with the request's id; Remix would print it. */
export function handleError(error: unknown, { request, context }: { request: Request; context: unknown }): void {
  if (!request.signal.aborted) (context as LoadContext).reportDefect(error);
}

/** Text inside a script element: what could end the element or start a comment is escaped. */
function handOver(data: string): string {
  const text = JSON.stringify(data)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `window.__remixContext.streamController.enqueue(${text});window.__remixContext.streamController.close();`;
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
