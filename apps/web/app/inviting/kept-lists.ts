import { type InviteRun, isUnderWay } from "./invite-run";

const PREFIX = "invite-lists:";

/** Counted up whenever the shape of what is kept changes: lists of another shape are not read. */
const VERSION = 1;

const RELOADED = "The page was loaded anew while the list was being sent.";

/** The name under which one person's lists are kept in the window's own storage. */
export function keptListsKey(userId: string): string {
  return `${PREFIX}v${VERSION}:${userId}`;
}

/** Keeps unfinished lists for the time after a reload. Without any, nothing stays. */
export function keepLists(
  storage: Pick<Storage, "setItem" | "removeItem">,
  key: string,
  runs: readonly InviteRun[],
): void {
  try {
    if (runs.length === 0) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(runs));
  } catch {
    // Without room the lists do not survive a reload; the server still invites nobody twice.
  }
}

/** The lists as they were kept; what was under way is interrupted. What does not look like a list is left out. */
export function readKeptLists(storage: Pick<Storage, "getItem">, key: string): InviteRun[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    if (!Array.isArray(kept)) return [];
    return kept
      .filter(isRun)
      .map((run) => (isUnderWay(run) ? { ...run, state: "interrupted", message: RELOADED } : run));
  } catch {
    return [];
  }
}

/** Forgets the lists of everybody who used this window, of every version: they hold people's addresses. */
export function forgetKeptLists(storage: Pick<Storage, "length" | "key" | "removeItem">): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  for (const key of keys) if (key?.startsWith(PREFIX)) storage.removeItem(key);
}

const STATES: Record<InviteRun["state"], true> = {
  running: true,
  cancelling: true,
  cancelled: true,
  interrupted: true,
  refused: true,
  done: true,
};

/** What a page draws or sends has to be there: a list that lacks it would take the whole frame down. */
function isRun(value: unknown): value is InviteRun {
  if (!isRecord(value)) return false;
  const { lines, results, acceptUrls, partsDone, state } = value;
  const texts = [value.id, value.organizationId, value.organizationName, value.slug];
  return (
    texts.every((text) => typeof text === "string") &&
    Array.isArray(lines) &&
    lines.every((line) => isRecord(line) && typeof line.email === "string" && typeof line.status === "string") &&
    isRecord(results) &&
    Object.values(results).every(isRecord) &&
    isRecord(acceptUrls) &&
    typeof partsDone === "number" &&
    typeof state === "string" &&
    Object.hasOwn(STATES, state)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
