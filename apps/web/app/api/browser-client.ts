import type { AppRouter } from "@guildhall/api";
import { createTRPCClient, createWSClient, httpLink, splitLink, type TRPCWebSocketClient, wsLink } from "@trpc/client";
import { connection } from "~/live/connection";
import type { ApiClient } from "./load-context";

const RETRY_FIRST_MS = 300;
const RETRY_LAST_MS = 5_000;
const PING_EVERY_MS = 15_000;
const PONG_WITHIN_MS = 5_000;

let client: ApiClient | undefined;
let socket: TRPCWebSocketClient | undefined;

/**
 * The browser's one API client: subscriptions over one WebSocket, everything else over HTTP. Made at first use, in the browser
 * only; the socket tells the connection state that the frame shows.
 */
export function browserApi(): ApiClient {
  client ??= createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: wsLink({ client: openSocket() }),
        false: httpLink({ url: "/trpc" }),
      }),
    ],
  });
  return client;
}

/** Ends the socket when the portal is left: a page for everybody has nothing to follow, and would be refused for ever. */
export function closeBrowserApi(): void {
  const open = socket;
  client = undefined;
  socket = undefined;
  connection.reset();
  void open?.close();
}

function openSocket(): TRPCWebSocketClient {
  const { protocol, host } = window.location;
  const opened: TRPCWebSocketClient = createWSClient({
    url: `${protocol === "https:" ? "wss:" : "ws:"}//${host}/live`,
    retryDelayMs,
    keepAlive: { enabled: true, intervalMs: PING_EVERY_MS, pongTimeoutMs: PONG_WITHIN_MS },
    // A socket that was left behind says nothing about the one that is used.
    onOpen: () => socket === opened && connection.opened(),
    onClose: (cause) => socket === opened && connection.closed(cause?.code),
  });
  socket = opened;
  return opened;
}

/** Doubles from 0.3 s to 5 s, spread by a quarter: a restarted server must not meet all its pages in one moment. */
export function retryDelayMs(attempt: number): number {
  const delayMs = Math.min(RETRY_FIRST_MS * 2 ** attempt, RETRY_LAST_MS);
  return Math.round(delayMs * (0.75 + Math.random() * 0.5));
}
