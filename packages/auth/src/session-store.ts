import type { Database, Sql, TransactionSql } from "@guildhall/db";
import type { Clock } from "@guildhall/shared";
import { type Adapter, type DatabaseSession, type DatabaseUser, Lucia, TimeSpan } from "lucia";
import { nextExpiry, SESSION_IDLE_MS } from "./session-lifetime.ts";

interface SessionFacts {
  /** By the injected clock; lucia's own `expiresAt` is by the machine's. */
  storedExpiresAt: Date;
  absoluteExpiresAt: Date;
  lastUsedAt: Date;
}

/** A session as it is made. */
export interface StartedSession {
  id: string;
  userId: string;
  createdAt: Date;
  absoluteExpiresAt: Date;
  /** When the person last proved that it is them. Left out: now, by what started it. */
  confirmedAt?: Date | undefined;
  address: string;
  userAgent: string;
}

interface UserFacts {
  name: string;
  email: string;
  isPlatformAdmin: boolean;
}

declare module "lucia" {
  interface Register {
    Lucia: ReturnType<typeof createLucia>;
    DatabaseSessionAttributes: SessionFacts;
    DatabaseUserAttributes: UserFacts;
  }
}

const LONGEST_ADDRESS = 64;
const LONGEST_USER_AGENT = 256;

/**
 * lucia over our tables. lucia decides when a session is renewed; expiry itself is decided here, by the injected clock,
 * since lucia reads the machine's and knows no absolute end.
 */
export function createLucia(db: Database, clock: Clock) {
  return new Lucia(createSessionStore(db, clock), {
    sessionExpiresIn: new TimeSpan(SESSION_IDLE_MS, "ms"),
    getSessionAttributes: (attributes) => attributes,
    getUserAttributes: (attributes) => attributes,
  });
}

/** The columns of the one query on the hot path. */
interface LiveRow extends SessionFacts, UserFacts {
  id: string;
  userId: string;
}

function createSessionStore({ sql }: Database, clock: Clock): Adapter {
  return {
    async getSessionAndUser(sessionId) {
      const now = clock.now();
      const [row] = await sql<LiveRow[]>`
        SELECT s.id, s.user_id AS "userId", s.expires_at AS "storedExpiresAt",
               s.absolute_expires_at AS "absoluteExpiresAt", s.last_used_at AS "lastUsedAt",
               u.name, u.email, u.is_platform_admin AS "isPlatformAdmin"
          FROM sessions s JOIN users u ON u.id = s.user_id
         WHERE s.id = ${sessionId} AND s.expires_at > ${now} AND s.absolute_expires_at > ${now}
           AND u.deleted_at IS NULL`;
      return row ? [toLuciaSession(row, now), toLuciaUser(row)] : [null, null];
    },
    setSession: () => Promise.reject(new Error("Sessions are started by insertSession: lucia knows no transaction.")),
    // An update, never an upsert: a session that was ended meanwhile stays ended.
    async updateSessionExpiration(sessionId) {
      const now = clock.now();
      const idleEnd = new Date(now.getTime() + SESSION_IDLE_MS);
      await sql`
        UPDATE sessions SET expires_at = least(absolute_expires_at, ${idleEnd}), last_used_at = ${now}
         WHERE id = ${sessionId}`;
    },
    async deleteSession(sessionId) {
      await sql`DELETE FROM sessions WHERE id = ${sessionId}`;
    },
    async deleteUserSessions(userId) {
      await sql`DELETE FROM sessions WHERE user_id = ${userId}`;
    },
    async deleteExpiredSessions() {
      await sql`DELETE FROM sessions WHERE expires_at <= ${clock.now()}`;
    },
    getUserSessions: () => Promise.reject(new Error("Nothing lists sessions through lucia.")),
  };
}

/** Writes a session that starts now: whoever starts one has just proved who they are, unless it is told otherwise. */
export async function insertSession(sql: Sql | TransactionSql, session: StartedSession): Promise<void> {
  const { id, userId, createdAt, absoluteExpiresAt, confirmedAt = createdAt, address, userAgent } = session;
  await sql`
    INSERT INTO sessions (id, user_id, expires_at, absolute_expires_at, created_at, last_used_at, confirmed_at,
                          address, user_agent)
    VALUES (${id}, ${userId}, ${nextExpiry(createdAt, absoluteExpiresAt)}, ${absoluteExpiresAt}, ${createdAt},
            ${createdAt}, ${confirmedAt}, ${cut(address, LONGEST_ADDRESS)}, ${cut(userAgent, LONGEST_USER_AGENT)})`;
}

function cut(text: string, length: number): string | null {
  return text.slice(0, length) || null;
}

/**
 * Shifts the expiry from the injected clock to the machine's, which lucia compares it with. A session that has reached
 * its absolute end cannot be renewed any further: lucia is shown a full idle time, or it would renew on every request.
 */
function toLuciaSession(row: LiveRow, now: Date): DatabaseSession {
  const { id, userId, storedExpiresAt, absoluteExpiresAt, lastUsedAt } = row;
  const isCapped = storedExpiresAt.getTime() >= absoluteExpiresAt.getTime();
  const remainingMs = isCapped ? SESSION_IDLE_MS : storedExpiresAt.getTime() - now.getTime();
  return {
    id,
    userId,
    expiresAt: new Date(Date.now() + remainingMs),
    attributes: { storedExpiresAt, absoluteExpiresAt, lastUsedAt },
  };
}

function toLuciaUser({ userId, name, email, isPlatformAdmin }: LiveRow): DatabaseUser {
  return { id: userId, attributes: { name, email, isPlatformAdmin } };
}
