import { z } from "zod";

/** What one process tells the others. Sequences travel as text: JSON numbers end at 2^53. */
const notice = z.object({
  from: z.string(),
  /** Pairs of organization and the sequence that its log has reached. */
  heads: z.array(z.tuple([z.string(), z.string().regex(/^\d+$/)])),
  people: z.array(z.string()),
  sessions: z.array(z.string()),
});

export type Notice = Omit<z.infer<typeof notice>, "from">;

/** A notice with nothing in it: its arrival is the message. */
export const EMPTY_NOTICE: Notice = { heads: [], people: [], sessions: [] };

/** A notification holds 8,000 bytes; 90 entries of at most 70 bytes stay below. */
const ENTRIES_PER_NOTIFICATION = 90;

/** Writes a notice as one or more payloads, none longer than a notification may be. */
export function writePayloads(from: string, content: Notice): string[] {
  const parts: Notice[] = [
    ...chunks(content.heads).map((heads) => ({ ...EMPTY_NOTICE, heads })),
    ...chunks(content.people).map((people) => ({ ...EMPTY_NOTICE, people })),
    ...chunks(content.sessions).map((sessions) => ({ ...EMPTY_NOTICE, sessions })),
  ];
  return (parts.length > 0 ? parts : [EMPTY_NOTICE]).map((part) => JSON.stringify({ from, ...part }));
}

/** Reads a payload. @throws Error when it is not one of ours: anybody with the database's password may notify. */
export function readPayload(text: string): z.infer<typeof notice> {
  try {
    return notice.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error("A notification on the live channel is not one of ours", { cause });
  }
}

/** Notices that wait to be sent together: of several heads of an organization the latest counts. */
export interface NoticeQueue {
  add(part: Partial<Notice>): void;
  isEmpty(): boolean;
  /** Empties the queue. */
  takeAll(): Notice;
}

export function createNoticeQueue(): NoticeQueue {
  const heads = new Map<string, string>();
  const people = new Set<string>();
  const sessions = new Set<string>();
  return {
    add(part) {
      for (const [organizationId, sequence] of part.heads ?? []) {
        if (BigInt(sequence) > BigInt(heads.get(organizationId) ?? -1)) heads.set(organizationId, sequence);
      }
      for (const userId of part.people ?? []) people.add(userId);
      for (const sessionId of part.sessions ?? []) sessions.add(sessionId);
    },
    isEmpty: () => heads.size + people.size + sessions.size === 0,
    takeAll() {
      const all = { heads: [...heads], people: [...people], sessions: [...sessions] };
      for (const part of [heads, people, sessions]) part.clear();
      return all;
    },
  };
}

function chunks<T>(entries: T[]): T[][] {
  const count = Math.ceil(entries.length / ENTRIES_PER_NOTIFICATION);
  return Array.from({ length: count }, (_, n) =>
    entries.slice(n * ENTRIES_PER_NOTIFICATION, (n + 1) * ENTRIES_PER_NOTIFICATION),
  );
}
