import type { IncomingMessage } from "node:http";
import type { Services } from "@guildhall/api/server";
import { readSessionToken, sessionCookieKind } from "../http/session.ts";
import type { ConnectionSession } from "./live-connection.ts";
import type { LiveLimits } from "./live-limits.ts";
import type { Refusal } from "./upgrade-policy.ts";

interface AuthenticateOptions {
  publicUrl: string;
  limits: Pick<LiveLimits, "upgradeMs">;
}

/** Reads whose socket this would be, from the session cookie. A database that does not answer in time is a 503. */
export async function authenticate(
  sessions: Services["sessions"],
  request: IncomingMessage,
  { publicUrl, limits }: AuthenticateOptions,
): Promise<{ session: ConnectionSession } | { refusal: Refusal }> {
  const token = readSessionToken(request.headers.cookie, sessionCookieKind(publicUrl));
  if (!token) return { refusal: { status: 401, reason: "no_session" } };
  const valid = await Promise.race([
    sessions.validate(token).catch((): typeof UNKNOWN => UNKNOWN),
    after(limits.upgradeMs),
  ]);
  if (valid === UNKNOWN) return { refusal: { status: 503, reason: "session_not_checked" } };
  if (!valid) return { refusal: { status: 401, reason: "session_ended" } };
  const { session, user } = valid;
  return { session: { id: session.id, userId: user.id, token, expiresAt: session.expiresAt } };
}

const UNKNOWN = "unknown" as const;

function after(delayMs: number): Promise<"unknown"> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(UNKNOWN), delayMs).unref();
  });
}
