import type { Role } from "@guildhall/auth/permissions";
import { newId } from "@guildhall/shared";
import { browserApi } from "~/api/browser-client";
import { type ApiError, readApiError } from "~/api/read-error";
import { createListeners } from "~/live/listeners";
import { type InviteRun, isUnderWay, nextPart, type RunTarget, withAnswer } from "./invite-run";
import { keepLists, readKeptLists } from "./kept-lists";

type SendPart = (part: { slug: string; list: string; key: string }) => Promise<Parameters<typeof withAnswer>[1]>;

type Outcome = { answer: Awaited<ReturnType<SendPart>> } | { state: "refused" | "interrupted"; message: string };

interface Surroundings {
  send?: SendPart;
  /** Where unfinished lists survive a reload: the window's own storage, under a name of the person's. */
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  storageKey: string;
  wait?: (ms: number) => Promise<void>;
}

/** How long to wait before each further attempt when the server cannot be reached, in milliseconds. */
const RETRY_AFTER_MS = [500, 1_500, 4_000];

const BROKEN_OFF = "The server could not be reached.";

export type InviteRuns = ReturnType<typeof createInviteRuns>;

/**
 * The lists of invites that one portal window sends, at most one for each organization. They go on while the person moves from
 * page to page, and can be continued after a lost connection or a reload.
 */
export function createInviteRuns({ send = sendPart, storage, storageKey, wait = pause }: Surroundings) {
  let runs: readonly InviteRun[] = readKeptLists(storage, storageKey);
  let hasLeft = false;
  const listeners = createListeners<[]>();

  function put(next: readonly InviteRun[]) {
    runs = next;
    if (!hasLeft) keepLists(storage, storageKey, runs);
    listeners.tell();
  }
  const find = (organizationId: string) => runs.find((run) => run.organizationId === organizationId);
  const change = (id: string, how: (run: InviteRun) => InviteRun) =>
    put(runs.map((run) => (run.id === id ? how(run) : run)));

  async function work(id: string): Promise<void> {
    for (;;) {
      const run = runs.find((one) => one.id === id);
      if (!run || hasLeft || !isUnderWay(run)) return;
      const part = nextPart(run);
      if (run.state === "cancelling" || !part) {
        change(id, (one) => ({ ...one, state: part ? "cancelled" : "done" }));
        return;
      }
      const outcome = await attempt({ slug: run.slug, ...part }, () => isStopping(id));
      change(id, (one) => {
        if ("answer" in outcome) return withAnswer(one, outcome.answer);
        return { ...one, ...outcome };
      });
    }
  }

  const isStopping = (id: string) => hasLeft || runs.find((one) => one.id === id)?.state !== "running";

  /** Tries again while nobody answers; the key makes that harmless. */
  async function attempt(part: Parameters<SendPart>[0], isStopped: () => boolean): Promise<Outcome> {
    for (let tried = 0; ; tried += 1) {
      try {
        return { answer: await send(part) };
      } catch (error) {
        const refusal = readApiError(error);
        if (!refusal) throw error;
        if (!isNobodyThere(refusal)) return { state: "refused", message: refusal.message };
        const delayMs = RETRY_AFTER_MS[tried];
        if (delayMs === undefined || isStopped()) return { state: "interrupted", message: BROKEN_OFF };
        await wait(delayMs);
      }
    }
  }

  function resume(organizationId: string): void {
    const run = find(organizationId);
    if (!run || isUnderWay(run) || run.state === "done") return;
    change(run.id, (one) => ({ ...one, state: "running", message: null }));
    void work(run.id);
  }

  return {
    /** Begins to send a list that was looked at. Nothing happens while another one is under way for the organization. */
    start(target: RunTarget, lines: InviteRun["lines"]): void {
      const before = find(target.organizationId);
      if (before && isUnderWay(before)) return;
      const begun = { id: newId(), lines, results: {}, acceptUrls: {}, partsDone: 0, message: null };
      put([...runs.filter((run) => run !== before), { ...target, ...begun, state: "running" }]);
      void work(begun.id);
    },
    /** Stops after the part that is under way. Who is invited stays invited. */
    cancel(organizationId: string): void {
      const run = find(organizationId);
      if (run?.state === "running") change(run.id, (one) => ({ ...one, state: "cancelling" }));
    },
    resume,
    /** Goes on with what only a lost connection holds up. */
    resumeInterrupted(): void {
      for (const run of runs) if (run.state === "interrupted" && run.message === BROKEN_OFF) resume(run.organizationId);
    },
    dismiss: (organizationId: string) =>
      put(runs.filter((run) => run.organizationId !== organizationId || isUnderWay(run))),
    /** Stops everything: the portal was left. What is unfinished can be continued; the links are not kept any longer. */
    leave(): void {
      keepLists(
        storage,
        storageKey,
        runs.map((run) => ({ ...run, acceptUrls: {} })),
      );
      hasLeft = true;
    },
    get: () => runs,
    subscribe: listeners.subscribe,
  };
}

function isNobodyThere({ status }: ApiError): boolean {
  return status === 0 || status === 502 || status === 503 || status === 504;
}

function sendPart({ slug, list, key }: Parameters<SendPart>[0]): ReturnType<SendPart> {
  // Every line names its role; the one for lines without any is never used.
  const input = { organization: slug, list, role: "member" satisfies Role, idempotencyKey: key } as const;
  return browserApi().invites.sendList.mutate(input);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
