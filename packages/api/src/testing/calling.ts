import { appRouter } from "../trpc/app.router.ts";
import type { Context, Services, User } from "../trpc/context.ts";
import { createCallerFactory } from "../trpc/init.ts";

const createCaller = createCallerFactory(appRouter);

/** Calls procedures as the wire would, as this person or as nobody. */
export function callingAs(services: Services, user: User | null) {
  const signedIn = user && { session: { id: "s" }, user };
  const context: Context = {
    services,
    readSession: async () => signedIn,
    cookie: { set() {}, clear() {} },
    signInCookie: { read: () => undefined, set() {}, clear() {} },
    transport: "in_process",
    requestId: "request-1",
    address: "192.0.2.1",
    userAgent: "test",
  };
  return createCaller(context);
}
