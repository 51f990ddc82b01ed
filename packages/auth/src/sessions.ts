import type { Database, TransactionScope } from "@guildhall/db";
import type { Clock } from "@guildhall/shared";
import { type Device, describeDevice } from "./device.ts";
import { absoluteExpiry, CONFIRMED_FOR_MS, LAST_USED_PRECISION_MS, nextExpiry } from "./session-lifetime.ts";
import { createLucia, insertSession } from "./session-store.ts";
import { createSessionToken, isSessionToken, sessionIdOf } from "./session-token.ts";

/** Where somebody signs in from. Kept with the session, so that a person recognizes their devices. */
export interface SessionClient {
  address: string;
  userAgent: string;
}

/** Who starts a session, and how much they have proved with it. */
export interface SessionStart extends SessionClient {
  /** When the person last proved that it is them: for a session that takes another's place. Left out: now. */
  confirmedAt?: Date | undefined;
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

/** A device that somebody is signed in on, as they recognize it. */
export interface SessionInList {
  id: string;
  device: Device;
  /** Null where it was not known. */
  address: string | null;
  createdAt: Date;
  /** To five minutes. */
  lastUsedAt: Date;
}

/** The transaction of a change that ends or starts sessions along the way: what is told, is told after its commit. */
export type SessionTx = Pick<TransactionScope, "sql" | "afterCommit">;

export interface Sessions {
  /** Starts a session of 30 idle days, at most 90 days in all. Stores the token's SHA-256 only. */
  create(userId: string, client: SessionStart, tx?: SessionTx): Promise<NewSession>;
  /**
   * Reads the session of a token, with its person: one query. Null when it is unknown, ended or expired. Prolongs it when
   * less than half of its idle time is left.
   */
  validate(token: string): Promise<ValidSession | null>;
  /** Ends one session, named by its token or by its id. Ending an unknown one does nothing. */
  end(tokenOrId: string): Promise<void>;
  /** Ends one of a person's sessions; false when they have none of that id. */
  endOf(userId: string, sessionId: string, tx?: SessionTx): Promise<boolean>;
  /** Ends all sessions of a person, or all but the named one. Returns how many there were. */
  endAll(userId: string, exceptSessionId?: string, tx?: SessionTx): Promise<number>;
  /** A person's sessions that are valid now, the one used last first. */
  list(userId: string): Promise<SessionInList[]>;
  /** Notes that the person has proved again that it is them. */
  confirm(sessionId: string): Promise<void>;
  /** Says until when that proof counts; undefined for a session that has ended. */
  confirmedUntil(sessionId: string): Promise<Date | undefined>;
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
  const tellEnded = (ended: { id: string }[], tx?: SessionTx) => {
    const tell = () => {
      for (const { id } of ended) for (const listener of listeners) listener(id);
    };
    if (tx) tx.afterCommit(tell);
    else tell();
  };
  return {
    async create(userId, client, tx) {
      const createdAt = clock.now();
      const token = createSessionToken();
      const id = sessionIdOf(token);
      const absoluteExpiresAt = absoluteExpiry(createdAt);
      await insertSession((tx ?? db).sql, { ...client, id, userId, createdAt, absoluteExpiresAt });
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
    async endOf(userId, sessionId, tx) {
      const ended = await (tx ?? db).sql<{ id: string }[]>`
        DELETE FROM sessions WHERE user_id = ${userId} AND id = ${sessionId} RETURNING id`;
      tellEnded(ended, tx);
      return ended.length > 0;
    },
    async endAll(userId, exceptSessionId = "", tx) {
      const ended = await (tx ?? db).sql<{ id: string }[]>`
        DELETE FROM sessions WHERE user_id = ${userId} AND id <> ${exceptSessionId} RETURNING id`;
      tellEnded(ended, tx);
      return ended.length;
    },
    async list(userId) {
      const now = clock.now();
      const rows = await db.sql<(Omit<SessionInList, "device"> & { userAgent: string | null })[]>`
        SELECT id, address, user_agent AS "userAgent", created_at AS "createdAt", last_used_at AS "lastUsedAt"
          FROM sessions
         WHERE user_id = ${userId} AND expires_at > ${now} AND absolute_expires_at > ${now}
         ORDER BY last_used_at DESC, id`;
      return rows.map(({ userAgent, ...row }) => ({ ...row, device: describeDevice(userAgent ?? "") }));
    },
    async confirm(sessionId) {
      await db.sql`UPDATE sessions SET confirmed_at = ${clock.now()} WHERE id = ${sessionId}`;
    },
    async confirmedUntil(sessionId) {
      const [row] = await db.sql<{ confirmedAt: Date }[]>`
        SELECT confirmed_at AS "confirmedAt" FROM sessions WHERE id = ${sessionId}`;
      return row && new Date(row.confirmedAt.getTime() + CONFIRMED_FOR_MS);
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
