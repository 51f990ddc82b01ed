import type { Context } from "../../trpc/context.ts";

/** Who asks to be let in, as far as the connection tells. */
export interface Caller {
  address: string;
  userAgent: string;
  /** The session that the browser holds already, if it does: replaced by the new one. */
  sessionId: string | null;
  /** Of the request, where there is one. */
  requestId?: string;
}

/** Reads from a call what a new session keeps and replaces. */
export async function readCaller(ctx: Context): Promise<Caller> {
  const signedIn = await ctx.readSession();
  const { address, userAgent, requestId } = ctx;
  return { address, userAgent, requestId, sessionId: signedIn?.session.id ?? null };
}
