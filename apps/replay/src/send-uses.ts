import { setTimeout as sleep } from "node:timers/promises";
import type { ApiAnswer } from "./api-client.ts";
import {
  asFailure,
  type Failure,
  giveUp,
  isWorthAnotherTry,
  type Outcome,
  pauseBefore,
  readOutcome,
  type SendOptions,
  toOutcome,
  type Use,
} from "./send-use.ts";

/** What the server could not do now of one among many: it says so for that one alone. */
const PASSING = new Set(["overloaded", "internal"]);

/**
 * Sends many uses in one request until each is answered for good, always under the same keys. What was not answered, or
 * could not be done just then, is sent again; the others are not.
 */
export async function sendUses(uses: readonly Use[], options: SendOptions): Promise<Outcome[]> {
  const { client, signal, retryForMs, onRetry } = options;
  const deadlineMs = performance.now() + retryForMs;
  const outcomes = new Map<Use, Outcome>();
  for (let attempt = 0; ; attempt += 1) {
    const open = uses.filter((use) => !outcomes.has(use));
    const answer = await client.send("POST", "/usage/bulk", { items: open }).catch(asFailure);
    const results = readResults(answer, open);
    open.forEach((use, place) => {
      const outcome = results[place];
      if (outcome) outcomes.set(use, outcome);
    });
    const unanswered = uses.filter((use) => !outcomes.has(use));
    if (unanswered.length === 0) break;
    const pauseMs = pauseBefore(attempt, answer);
    if (!signal.aborted && performance.now() + pauseMs <= deadlineMs) {
      onRetry();
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) continue;
    }
    for (const use of unanswered) outcomes.set(use, giveUpOne(answer));
    break;
  }
  return uses.map((use) => outcomes.get(use) as Outcome);
}

/** An answered request can still leave uses undone that the server had no room for. */
function giveUpOne(answer: ApiAnswer | Failure): Outcome {
  return "status" in answer && answer.status === 200 ? { kind: "unanswered", reason: "busy" } : giveUp(answer);
}

/** One outcome per use; undefined for those to send again. */
function readResults(answer: ApiAnswer | Failure, sent: readonly Use[]): (Outcome | undefined)[] {
  if (isWorthAnotherTry(answer)) return sent.map(() => undefined);
  const { status, body } = answer as ApiAnswer;
  const results = (body as { results?: unknown } | undefined)?.results;
  if (status !== 200 || !Array.isArray(results) || results.length !== sent.length) {
    return sent.map(() => toOutcome(answer));
  }
  return results.map((result) => {
    const outcome = readOutcome(result, status);
    return outcome.kind === "refused" && PASSING.has(outcome.code) ? undefined : outcome;
  });
}
