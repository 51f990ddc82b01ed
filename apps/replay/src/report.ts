import { basename } from "node:path";
import { formatCredits, formatSignedCredits } from "@guildhall/shared";
import type { Audit } from "./audit-wallet.ts";
import type { ReplayResult } from "./replay.ts";
import type { Wallet } from "./wallet-reads.ts";

/** All that a run has come to. */
export interface Report {
  file: string;
  runId: string;
  model: string;
  wasInterrupted: boolean;
  before: Wallet;
  /** Undefined when the portal could not be asked any more. */
  after: Wallet | undefined;
  result: ReplayResult;
  audit: Audit | undefined;
}

/** The figures, for programs. Money as decimal texts of micro-credits. */
export function toJson(report: Report) {
  const { before, after, result, audit } = report;
  const { latency } = result;
  return {
    runId: report.runId,
    organization: before.slug,
    model: report.model,
    wasInterrupted: report.wasInterrupted,
    sent: result.outcomes.size,
    ...countsOf(report),
    reasons: Object.fromEntries([...result.refusals].map(([reason, { count }]) => [reason, count])),
    retries: result.retryCount,
    seconds: round(secondsOf(result)),
    debitsPerSecond: round(debitsPerSecond(report)),
    latencyMs: {
      p50: latency.getValueAtPercentile(50) / 1_000,
      p99: latency.getValueAtPercentile(99) / 1_000,
      max: latency.maxValue / 1_000,
    },
    walletBeforeMicro: String(before.availableMicro),
    walletAfterMicro: after ? String(after.availableMicro) : null,
    fellByMicro: audit ? String(audit.fellByMicro) : null,
    acceptedMicro: audit ? String(audit.acceptedMicro) : null,
    others: audit ? { count: audit.others.count, sumMicro: String(audit.others.sumMicro) } : null,
    isExact: audit?.isExact ?? false,
    problems: audit?.problems ?? [],
  };
}

/** The report as people read it. */
export function toText(report: Report): string {
  const { before, result, wasInterrupted } = report;
  const { latency } = result;
  const counts = countsOf(report);
  const ms = (percentile: number) => `${(latency.getValueAtPercentile(percentile) / 1_000).toFixed(1)} ms`;
  const lines = [
    `${wasInterrupted ? "Interrupted replay" : "Replay"} of ${basename(report.file)} to ${before.organizationName} (${before.slug})`,
    "",
    row("sent", whole(result.outcomes.size)),
    row("accepted", whole(counts.accepted)),
    row("replayed", whole(counts.replayed), counts.replayed > 0 ? "charged before, not again" : ""),
    row("refused", whole(counts.refused)),
    ...(counts.unanswered > 0 ? [row("unanswered", whole(counts.unanswered))] : []),
    ...[...result.refusals].map(
      ([reason, { count, message }]) => `  ${" ".repeat(12)}${whole(count)} × ${reason}  ${message}`,
    ),
    row(
      "speed",
      `${whole(Math.round(debitsPerSecond(report)))} debits per second`,
      `in ${secondsOf(result).toFixed(1)} s`,
    ),
    row(
      "latency",
      `p50 ${ms(50)}, p99 ${ms(99)}`,
      result.retryCount > 0 ? `with ${whole(result.retryCount)} retries` : "",
    ),
    "",
    ...walletLines(report),
    "",
    `  Run ${report.runId} (model ${report.model}). To send it again without a second charge: --run ${report.runId}`,
  ];
  return `${lines.join("\n")}\n`;
}

function walletLines({ before, after, audit }: Report): string[] {
  const start = row("wallet", `${formatExact(before.availableMicro)} before`);
  if (!after || !audit) {
    return [
      start,
      "",
      "  NOT CHECKED: the portal could not be asked any more. Repeat the run with --run to settle it.",
    ];
  }
  const { others, chargedUnanswered } = audit;
  const lines = [
    start,
    row("", `${formatExact(after.availableMicro)} after`),
    row("fell by", formatExact(audit.fellByMicro)),
    row("accepted", formatExact(audit.acceptedMicro), "the sum of what was answered"),
  ];
  if (chargedUnanswered.count > 0) {
    lines.push(
      row(
        "unanswered",
        formatExact(chargedUnanswered.sumMicro),
        `${whole(chargedUnanswered.count)} charged, answer lost`,
      ),
    );
  }
  if (others.count > 0) {
    lines.push(
      row(
        "others",
        formatSignedCredits(others.sumMicro),
        `${whole(others.count)} transactions that are not of this run`,
      ),
    );
  }
  return [...lines, "", ...verdict(audit)];
}

function verdict({ isExact, problems, others, chargedUnanswered }: Audit): string[] {
  if (!isExact)
    return ["  ✗ The wallet does not agree with the answers:", ...problems.map((problem) => `    ${problem}`)];
  const besides = [
    ...(chargedUnanswered.count > 0 ? ["those whose answer was lost"] : []),
    ...(others.count > 0 ? ["what others did"] : []),
  ];
  const beside = besides.length > 0 ? `, beside ${besides.join(" and ")}` : "";
  return [`  ✓ The wallet fell by exactly the sum of the accepted${beside}: each stands in its history once.`];
}

function row(name: string, figure: string, remark = ""): string {
  return `  ${name.padEnd(11)} ${figure}${remark && `  ${remark}`}`;
}

function whole(count: number): string {
  return count.toLocaleString("en-US");
}

/** With every digit: this is about exactness. */
function formatExact(amountMicro: bigint): string {
  const micro = String((amountMicro < 0n ? -amountMicro : amountMicro) % 1_000_000n).padStart(6, "0");
  const credits = formatCredits((amountMicro / 1_000_000n) * 1_000_000n);
  return `${amountMicro < 0n && credits === "0" ? "−" : ""}${credits}.${micro} credits`;
}

function secondsOf({ startedMs, endedMs }: ReplayResult): number {
  return (endedMs - startedMs) / 1_000;
}

/** A retry is answered as replayed; the audit knows which of those were charged in this run and so count as accepted. */
function countsOf({ result: { counts }, audit }: Report): ReplayResult["counts"] {
  const charged = audit?.chargedAtRetry ?? 0;
  return { ...counts, accepted: counts.accepted + charged, replayed: counts.replayed - charged };
}

function debitsPerSecond(report: Report): number {
  return countsOf(report).accepted / Math.max(secondsOf(report.result), 0.001);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
