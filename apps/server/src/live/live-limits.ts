import { SECOND_MS } from "@guildhall/shared";

/** What the live channel allows. Every figure is far above what the portal's own pages need. */
export const liveLimits = {
  /** Open sockets, upgrades under way included: in all, per person, and per address (a /64 for IPv6). */
  connections: 10_000,
  connectionsPerUser: 50,
  connectionsPerAddress: 500,
  /** Bytes of one message, all of its fragments together. */
  messageBytes: 64 * 1024,
  fragmentsPerMessage: 32,
  /** Pieces in which a message may trickle in; each costs memory of its own. */
  chunksPerMessage: 4_096,
  /** tRPC messages, PINGs and protocol pings per socket: steady rate per second, and how many at once. */
  messagesPerSecond: 20,
  messageBurst: 100,
  /** Subscriptions open, and calls under way, per socket. */
  subscriptions: 16,
  calls: 16,
  /** What may wait for a reader, in bytes, before the socket is dropped; the client resumes where it was. */
  unreadBytes: 1024 * 1024,
  /** Between two pings. A socket that has not answered the last one when the next is due is terminated. */
  heartbeatMs: 25 * SECOND_MS,
  /** How long checking an upgrade may take. */
  upgradeMs: 5 * SECOND_MS,
  /** How long a closed socket may take over the closing handshake. */
  closingMs: 2 * SECOND_MS,
};

export type LiveLimits = typeof liveLimits;
