import type { RouterOutputs } from "@guildhall/api";

type CheckedLine = RouterOutputs["invites"]["checkList"]["lines"][number];
type SentLine = RouterOutputs["invites"]["sendList"]["results"][number];

/** How many people one call invites: each is a transaction that holds the organization's lock for some tenths of a second. */
export const LINES_PER_PART = 50;

/** Where a list is sent to. */
export interface RunTarget {
  organizationId: string;
  organizationName: string;
  slug: string;
  isMailed: boolean;
}

export type RunState =
  | "running"
  /** Cancelled while a part is under way: that part is waited for. */
  | "cancelling"
  | "cancelled"
  /** The connection broke off, or the page was loaded anew. */
  | "interrupted"
  /** The server refused a part as a whole. */
  | "refused"
  | "done";

/** A list on its way, part by part. */
export interface InviteRun extends RunTarget {
  /** Begins the keys of its parts: a part that is sent again invites nobody twice. */
  id: string;
  /** The whole list, as it was looked at before it was sent. */
  lines: CheckedLine[];
  /** What became of the addresses that were sent, by address. */
  results: Record<string, Pick<SentLine, "status" | "note">>;
  /** For handing over, by address. A part whose answer was lost has none. */
  acceptUrls: Record<string, string>;
  partsDone: number;
  state: RunState;
  /** Why it stands still, where there is something to say. */
  message: string | null;
}

/** One line as it stands now: what became of it, or that it waits. */
export type RunLine = Omit<CheckedLine, "status"> & { status: SentLine["status"] | "waiting" };

export function linesOf({ lines, results }: InviteRun): RunLine[] {
  return lines.map((line) => {
    if (line.status !== "new") return line as RunLine;
    return { ...line, ...(results[line.email] ?? { status: "waiting" as const }) };
  });
}

/** How far a list has come, in people. */
interface RunProgress {
  /** Who is to be invited in all. */
  total: number;
  invited: number;
  /** Sent, and not invited: what was true of them when the list was looked at is true no more. */
  refused: number;
  waiting: number;
}

export function progressOf({ lines, results }: InviteRun): RunProgress {
  const total = lines.filter(({ status }) => status === "new").length;
  const sent = Object.values(results);
  const invited = sent.filter(({ status }) => status === "invited").length;
  return { total, invited, refused: sent.length - invited, waiting: total - sent.length };
}

/** The next part of a list; undefined when all of it was sent. The same part has the same lines and the same key, always. */
export function nextPart(run: InviteRun): { list: string; key: string } | undefined {
  const fresh = run.lines.filter(({ status }) => status === "new");
  const from = run.partsDone * LINES_PER_PART;
  const part = fresh.slice(from, from + LINES_PER_PART);
  if (part.length === 0) return undefined;
  return { list: part.map(({ email, role }) => `${email},${role}`).join("\n"), key: `${run.id}:${run.partsDone}` };
}

/** A list after a part of it was answered. */
export function withAnswer(
  run: InviteRun,
  answer: { results: SentLine[]; acceptUrls: Record<string, string> },
): InviteRun {
  const results = answer.results.map(({ email, status, note }) => [email, { status, note }] as const);
  return {
    ...run,
    results: { ...run.results, ...Object.fromEntries(results) },
    acceptUrls: { ...run.acceptUrls, ...answer.acceptUrls },
    partsDone: run.partsDone + 1,
  };
}

/** Whether something is under way: leaving the portal would stop it. */
export function isUnderWay({ state }: InviteRun): boolean {
  return state === "running" || state === "cancelling";
}
