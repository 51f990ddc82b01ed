import { setTimeout as sleep } from "node:timers/promises";
import { build, type Histogram } from "hdr-histogram-js";
import type { ApiClient } from "./api-client.ts";
import { rowKey } from "./row-key.ts";
import { type Outcome, sendUse, type Use } from "./send-use.ts";
import { sendUses } from "./send-uses.ts";
import type { TraceRow } from "./trace.ts";

/** What is sent, how, and who is told. */
export interface ReplayPlan {
  client: ApiClient;
  rows: AsyncGenerator<TraceRow>;
  /** Time of the trace's first row, in milliseconds. */
  firstMs: number;
  /** Times real time; Infinity = no pause. */
  speed: number;
  concurrency: number;
  /** Uses per request. */
  bulk: number;
  runId: string;
  model: string;
  members: string[];
  /** Aborted: no row is begun any more, those under way are waited for. */
  signal: AbortSignal;
  onProgress(progress: ReplayResult): void;
}

/** What has become of the rows so far. */
export interface ReplayResult {
  /** By idempotency key, which is also the id in the wallet's history. */
  outcomes: Map<string, Outcome>;
  counts: Record<Outcome["kind"], number>;
  refusals: Map<string, { count: number; message: string }>;
  retryCount: number;
  /** From when a row was due to its final answer, retries included, in microseconds. */
  latency: Histogram;
  startedMs: number;
  endedMs: number;
}

const RETRY_FOR_MS = 60_000;
const MAX_LATENCY_US = 600_000_000;
const AGENTS = ["support-triage", "release-notes", "code-review", "market-digest"];

/** Sends the rows, as many at a time as allowed, each when it is due. Ends when all are answered or the signal is aborted. */
export async function replay(plan: ReplayPlan): Promise<ReplayResult> {
  const now = performance.now();
  const result: ReplayResult = {
    outcomes: new Map(),
    counts: { accepted: 0, replayed: 0, refused: 0, unanswered: 0 },
    refusals: new Map(),
    retryCount: 0,
    latency: build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: MAX_LATENCY_US,
      numberOfSignificantValueDigits: 3,
    }),
    startedMs: now,
    endedMs: now,
  };
  const senders = Array.from({ length: plan.concurrency }, () => sendRows(plan, result));
  try {
    await Promise.all(senders);
  } finally {
    await plan.rows.return(undefined);
  }
  result.endedMs = performance.now();
  return result;
}

/** One of the senders: takes the next rows, waits until they are due, sends them, again. Each row is handed out once. */
async function sendRows(plan: ReplayPlan, result: ReplayResult): Promise<void> {
  const { signal, client, bulk } = plan;
  const onRetry = () => {
    result.retryCount += 1;
  };
  const options = { client, signal, retryForMs: RETRY_FOR_MS, onRetry };
  while (!signal.aborted) {
    const { rows, dueMs } = await takeRows(plan, result);
    if (rows.length === 0 || signal.aborted) return;
    const uses = rows.map((row) => toUse(plan, row));
    const [only] = uses;
    const outcomes = bulk === 1 && only ? [await sendUse(only, options)] : await sendUses(uses, options);
    uses.forEach((use, place) => {
      const latencyUs = Math.round((performance.now() - (dueMs[place] as number)) * 1_000);
      result.latency.recordValue(Math.min(Math.max(1, latencyUs), MAX_LATENCY_US));
      note(result, use.idempotencyKey, outcomes[place] as Outcome);
    });
    plan.onProgress(result);
  }
}

/** Takes the rows of one request and waits until the last of them is due. None at the end, or when aborted. */
async function takeRows(plan: ReplayPlan, result: ReplayResult): Promise<{ rows: TraceRow[]; dueMs: number[] }> {
  const rows: TraceRow[] = [];
  const dueMs: number[] = [];
  while (rows.length < plan.bulk && !plan.signal.aborted) {
    const { done, value: row } = await plan.rows.next();
    if (done) break;
    dueMs.push(await waitUntilDue(plan, result, row));
    rows.push(row);
  }
  return { rows, dueMs };
}

/**
 * Waits for the row's turn and returns when that was. A row that is sent late, since all senders were busy, counts its
 * latency from its turn on: else a server that stalls would look fast.
 */
async function waitUntilDue(plan: ReplayPlan, result: ReplayResult, row: TraceRow): Promise<number> {
  const now = performance.now();
  if (!Number.isFinite(plan.speed)) return now;
  const dueMs = result.startedMs + (row.atMs - plan.firstMs) / plan.speed;
  if (dueMs > now) await sleep(dueMs - now, undefined, { signal: plan.signal }).catch(() => {});
  return dueMs;
}

function toUse({ runId, model, members }: ReplayPlan, { row, inputTokens, outputTokens }: TraceRow): Use {
  const agent = AGENTS[row % AGENTS.length] ?? "support-triage";
  const member = members[row % members.length];
  return { agent, member, model, inputTokens, outputTokens, idempotencyKey: rowKey(runId, row) };
}

function note(result: ReplayResult, key: string, outcome: Outcome): void {
  result.outcomes.set(key, outcome);
  result.counts[outcome.kind] += 1;
  if (outcome.kind !== "refused" && outcome.kind !== "unanswered") return;
  const reason = outcome.kind === "refused" ? outcome.code : outcome.reason;
  const message = outcome.kind === "refused" ? outcome.message : "";
  const known = result.refusals.get(reason);
  result.refusals.set(reason, { count: (known?.count ?? 0) + 1, message: known?.message ?? message });
}
