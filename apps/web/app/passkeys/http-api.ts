import type { AppRouter } from "@guildhall/api";
import { createTRPCClient, httpLink } from "@trpc/client";
import type { ApiClient } from "~/api/load-context";

let client: ApiClient | undefined;

/** The API over HTTP alone, for pages before the portal: a socket would be refused there. */
export function httpApi(): ApiClient {
  client ??= createTRPCClient<AppRouter>({ links: [httpLink({ url: "/trpc" })] });
  return client;
}
