import type { Database } from "@guildhall/db";
import type { Clock } from "@guildhall/shared";
import { absoluteExpiry, LAST_USED_PRECISION_MS, nextExpiry } from "./session-lifetime.ts";
import { createLucia } from "./session-store.ts";
import { createSessionToken, isSessionToken, sessionIdOf } from "./session-token.ts";

/** Where somebody signs in from. Kept with the session, so that a person recognizes their devices. */
export interface SessionClient {
  address: string;
  userAgent: string;
}

export interface NewSession {
  id: string;
  /** The secret for the browser's cookie. This is the only moment at which it exists on the server. */
  token: string;
  /** When it ends unless it is used. */
  expiresAt: Date;
  /**
   * When it ends however much it is used. The cookie's expiry: were it the other one, it would have to follow every
   * renewal, and a page that only keeps a socket open, or an answer that is lost, would let it fall behind.
   */
  absoluteExpiresAt: Date;
}

export interface ValidSession {
  session: { id: string; expiresAt: Date };
  user: { id: string; name: string; email: string; isPlatformAdmin: boolean };
}

export interface Sessions {
  /** Starts a session of 30 idle days, at most 90 days in all. Stores the token's SHA-256 only. */
  create(userId: string, client: SessionClient): Promise<NewSession>;
  /**
   * Reads the session of a token, with its person: one query. Null when it is unknown, ended or expired. Prolongs it when
   * less than half of its idle time is left.
   */
  validate(token: string): Promise<ValidSession | null>;
  /** Ends one session, named by its token or by its id. Ending an unknown one does nothing. */
  end(tokenOrId: string): Promise<void>;
  /** Ends all sessions of a person, or all but the named one. */
  endAll(userId: string, exceptSessionId?: string): Promise<void>;
  /**
   * Calls back with the id of each session that this process ends, after it is gone; the listener must not throw. Other
   * processes learn of it at their next validate. Returns a function that stops it.
   */
  onEnded(listener: (sessionId: string) => void): () => void;
  /** Removes what has expired. For housekeeping only: an expired session is not valid whether removed or not. */
  deleteExpired(): Promise<void>;
}

/** Opens the sessions over the database. All expiry follows the given clock. */
export function createSessions({ db, clock }: { db: Database; clock: Clock }): Sessions {
  const lucia = createLucia(db, clock);
  const listeners = new Set<(sessionId: string) => void>();
  const tellEnded = (ended: { id: string }[]) => {
    for (const { id } of ended) for (const listener of listeners) listener(id);
  };
  return {
    async create(userId, client) {
      const createdAt = clock.now();
      const token = createSessionToken();
      // Hashed out here: an adapter that hashed would be asked to renew and end sessions by the hash of a hash.
      const { id } = await lucia.createSession(userId, { ...client, createdAt }, { sessionId: sessionIdOf(token) });
      const absoluteExpiresAt = absoluteExpiry(createdAt);
      return { id, token, expiresAt: nextExpiry(createdAt, absoluteExpiresAt), absoluteExpiresAt };
    },
    async validate(token) {
      if (!isSessionToken(token)) return null;
      const { session, user } = await lucia.validateSession(sessionIdOf(token));
      if (!session) return null;
      const { id, fresh: isRenewed, storedExpiresAt, absoluteExpiresAt, lastUsedAt } = session;
      if (!isRenewed) await noteUse(id, lastUsedAt);
      const expiresAt = isRenewed ? nextExpiry(clock.now(), absoluteExpiresAt) : storedExpiresAt;
      return { session: { id, expiresAt }, user };
    },
    async end(tokenOrId) {
      const id = isSessionToken(tokenOrId) ? sessionIdOf(tokenOrId) : tokenOrId;
      await lucia.invalidateSession(id);
      tellEnded([{ id }]);
    },
    async endAll(userId, exceptSessionId = "") {
      tellEnded(
        await db.sql<{ id: string }[]>`
          DELETE FROM sessions WHERE user_id = ${userId} AND id <> ${exceptSessionId} RETURNING id`,
      );
    },
    onEnded(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    deleteExpired: () => lucia.deleteExpiredSessions(),
  };

  async function noteUse(id: string, lastUsedAt: Date): Promise<void> {
    const now = clock.now();
    if (now.getTime() - lastUsedAt.getTime() < LAST_USED_PRECISION_MS) return;
    await db.sql`UPDATE sessions SET last_used_at = ${now} WHERE id = ${id}`;
  }
}
