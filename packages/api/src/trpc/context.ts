import type { LoginLimits, PasswordHasher, Role, Sealer, Sessions } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import type { BatchWriter } from "@guildhall/ledger";
import type { Bus } from "@guildhall/live";
import type { Clock } from "@guildhall/shared";

/** Where a verb reports what a person cannot see. Structurally a pino logger. */
export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/**
 * What becomes of mail: sent over SMTP, kept for reading at /dev/mail, or nothing (neither is configured; then pages say
 * that no mail will come).
 */
export type MailDelivery = "smtp" | "captured" | "off";

/** What every verb may use. Made once, at the composition root. */
export interface Services {
  db: Database;
  clock: Clock;
  bus: Bus;
  ledger: BatchWriter;
  sessions: Sessions;
  passwords: PasswordHasher;
  loginLimits: LoginLimits;
  sealer: Sealer;
  mailDelivery: MailDelivery;
  /** Absolute, without a trailing slash; every link that leaves the portal is built from it, never from a request. */
  publicUrl: string;
  log: Log;
}

/** From where a call came: what the audit log keeps beside who made it. */
export interface Origin {
  address: string;
  userAgent: string;
  requestId: string;
}

export interface User {
  id: string;
  name: string;
  email: string;
  isPlatformAdmin: boolean;
}

/** A person making a call. */
export interface CallingUser extends User {
  /** Left out where no request is behind it: a job, the demo. */
  origin?: Origin | undefined;
}

export interface SignedIn {
  session: { id: string };
  user: User;
}

/** Sets or clears the session cookie of the answer. A WebSocket has no answer to carry one: there both throw. */
export interface SessionCookie {
  set(token: string, expiresAt: Date): void;
  clear(): void;
}

/**
 * The cookie of a sign-in that still lacks its second step. It is no session: nothing but that step looks at it. A WebSocket
 * has none.
 */
export interface SignInCookie extends SessionCookie {
  read(): string | undefined;
}

/** What a call knows of its caller. Over HTTP one per request, over a WebSocket one per connection. */
export interface Context {
  services: Services;
  /** Reads the session anew where the context outlives a request: authority is read, not remembered. */
  readSession(): Promise<SignedIn | null>;
  cookie: SessionCookie;
  signInCookie: SignInCookie;
  transport: "http" | "websocket" | "in_process";
  requestId: string;
  address: string;
  userAgent: string;
}

/** From where a call came. */
export function originOf({ address, userAgent, requestId }: Context): Origin {
  return { address, userAgent, requestId };
}

/** A member acting in one organization, as read for this call. */
export interface OrganizationActor {
  userId: string;
  name: string;
  email: string;
  organizationId: string;
  slug: string;
  role: Role;
  status: "active" | "inactive" | "archived" | "pending_deletion";
  /** Left out where no request is behind it: a job, the demo. */
  origin?: Origin | undefined;
}
