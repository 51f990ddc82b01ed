import type { AppRouter } from "@guildhall/api";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import { browserApi } from "./browser-client";
import type { ApiClient } from "./load-context";

const context = createTRPCContext<AppRouter>();

/** Typed query options of the API, for useQuery and the query client. */
export const useApi = context.useTRPC;

/** Gives the page its query cache. Entries live as long as somebody shows them: a page comes with fresh data of its own. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  const [client] = useState(createLazyClient);
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The live channel says when something changed; time and focus say nothing.
      queries: { staleTime: Number.POSITIVE_INFINITY, gcTime: 0, refetchOnWindowFocus: false, retry: 2 },
    },
  });
}

/** The server renders with what loaders have read, so no call is made there; the socket opens when a page first asks. */
function createLazyClient(): ApiClient {
  return new Proxy({} as ApiClient, { get: (_target, name) => Reflect.get(browserApi(), name) });
}
