import { appRouter } from "../trpc/app.router.ts";
import type { Context, Services, SignedIn, User } from "../trpc/context.ts";
import { createCallerFactory } from "../trpc/init.ts";

const createCaller = createCallerFactory(appRouter);

/** Calls procedures as the wire would, as this person or as nobody. */
export function callingAs(services: Services, user: User | null) {
  return callingIn(services, user && { session: { id: "s" }, user });
}

/** The same, in one of a person's sessions. */
export function callingIn(services: Services, signedIn: SignedIn | null) {
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
