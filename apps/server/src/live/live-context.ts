import type { Context, Services } from "@guildhall/api/server";
import { DomainError, newId } from "@guildhall/shared";

/** Who calls over a connection, as far as a call may know. */
export interface Caller {
  session: { token: string };
  address: string;
  userAgent: string;
  shut(cause: "sessionEnded"): void;
}

/** The context of calls over a connection. It may outlive a call: the session is read on every message, and so is the role. */
export function liveContext(caller: Caller, services: Services): Context {
  const { session, address, userAgent } = caller;
  return {
    services,
    async readSession() {
      const valid = await services.sessions.validate(session.token);
      if (!valid) caller.shut("sessionEnded");
      return valid && { session: { id: valid.session.id }, user: valid.user };
    },
    cookie: { set: refuseCookie, clear: refuseCookie },
    signInCookie: { read: () => undefined, set: refuseCookie, clear: refuseCookie },
    transport: "websocket",
    requestId: newId(),
    address,
    userAgent,
  };
}

function refuseCookie(): never {
  throw new DomainError("forbidden", {}, "This cannot be done over the live connection: it carries no cookies.");
}
