import { setTimeout as sleep } from "node:timers/promises";
import type { ApiAnswer, ApiClient } from "./api-client.ts";

/** One use as the interface takes it. */
export interface Use {
  agent: string;
  member?: string | undefined;
  model: string;
  inputTokens: number;
  outputTokens: number;
  idempotencyKey: string;
}

/** What became of one use. */
export type Outcome =
  | { kind: "accepted" | "replayed"; amountMicro: bigint }
  | { kind: "refused"; code: string; message: string }
  /** Nobody knows whether it was charged; the ledger does. */
  | { kind: "unanswered"; reason: string };

export interface SendOptions {
  client: ApiClient;
  /** Aborted: no further tries. A request under way is still waited for. */
  signal: AbortSignal;
  /** How long a use is tried again, in milliseconds: long enough for a server to be restarted. */
  retryForMs: number;
  onRetry(): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Sends one use until it is answered for good, always under the same key, so that a lost answer is never a second charge.
 * Tries again after 429, 5xx and failures of the network, with growing pauses or as long as the server asks to wait.
 */
export async function sendUse(use: Use, options: SendOptions): Promise<Outcome> {
  const { client, signal, retryForMs, onRetry } = options;
  const deadlineMs = performance.now() + retryForMs;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await client.send("POST", "/usage", use).catch(asFailure);
    if (!isWorthAnotherTry(answer)) return toOutcome(answer);
    const pauseMs = pauseBefore(attempt, answer);
    if (signal.aborted || performance.now() + pauseMs > deadlineMs) return giveUp(answer);
    onRetry();
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return giveUp(answer);
  }
}

export interface Failure {
  failure: string;
}

export function asFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { failure: String(error) };
  const code = "code" in error && typeof error.code === "string" ? `${error.code} ` : "";
  return { failure: `${code}${error.message}`.trim() };
}

export function isWorthAnotherTry(answer: ApiAnswer | Failure): answer is Failure | ApiAnswer {
  return "failure" in answer || answer.status === 429 || answer.status >= 500;
}

export function pauseBefore(attempt: number, answer: ApiAnswer | Failure): number {
  const asked = "failure" in answer ? undefined : answer.retryAfterMs;
  const growing = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
  // Spread, so that those who were sent away together do not come back together.
  return (asked ?? growing / 2) + (Math.random() * growing) / 2;
}

/** 429 says that nothing was done; after anything else that failed, the charge may stand. */
export function giveUp(answer: ApiAnswer | Failure): Outcome {
  if ("failure" in answer) return { kind: "unanswered", reason: answer.failure };
  if (answer.status === 429) return { kind: "unanswered", reason: "429 overloaded" };
  return { kind: "unanswered", reason: `status ${answer.status}` };
}

export function toOutcome(answer: ApiAnswer | Failure): Outcome {
  if ("failure" in answer) return { kind: "unanswered", reason: answer.failure };
  const { status, body } = answer;
  return readOutcome(body, status);
}

/** Reads what is said of one use, in an answer of its own or among many. */
export function readOutcome(body: unknown, status: number): Outcome {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  if ((status === 201 || status === 200) && typeof fields.amountMicro === "string") {
    return { kind: fields.replayed === true ? "replayed" : "accepted", amountMicro: BigInt(fields.amountMicro) };
  }
  const { code, message } = (fields.error ?? {}) as Record<string, unknown>;
  return {
    kind: "refused",
    code: typeof code === "string" ? code : `status_${status}`,
    message: typeof message === "string" ? message : "The answer is none of the portal's. Check --url.",
  };
}
