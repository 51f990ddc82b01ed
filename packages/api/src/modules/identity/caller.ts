import type { Context } from "../../trpc/context.ts";

/** Who asks to be let in, as far as the connection tells. */
export interface Caller {
  address: string;
  userAgent: string;
  /** The session that the browser holds already, if it does: replaced by the new one. */
  sessionId: string | null;
}

/** Reads from a call what a new session keeps and replaces. */
export async function readCaller(ctx: Context): Promise<Caller> {
  const signedIn = await ctx.readSession();
  return { address: ctx.address, userAgent: ctx.userAgent, sessionId: signedIn?.session.id ?? null };
}
