import type { AppRouter } from "@guildhall/api";
import type { TRPCClient } from "@trpc/client";

/** The portal's API as a page sees it: in process while rendering, over HTTP and WebSocket in the browser. */
export type ApiClient = TRPCClient<AppRouter>;

/** What the server hands to every loader and action. The server assigns to it structurally. */
export interface LoadContext {
  /** Calls in process, as the person of this request; passes the same middleware as the wire. */
  api: ApiClient;
  /** Of the answer's Content-Security-Policy: every script element carries it. */
  nonce: string;
  requestId: string;
  /** Absolute, without a trailing slash: what links that leave the portal are built from. */
  publicUrl: string;
  /** Writes a defect into the server's log, with the request's id. */
  reportDefect(error: unknown): void;
}

declare module "@remix-run/server-runtime" {
  interface AppLoadContext extends LoadContext {}
  interface Future {
    v3_singleFetch: true;
  }
}
