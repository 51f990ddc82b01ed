import { type ApiClient, createApiClient } from "./api-client.ts";
import { auditWallet } from "./audit-wallet.ts";
import { findApiKey } from "./find-api-key.ts";
import { OptionError, type ReplayOptions } from "./options.ts";
import { createProgressBar } from "./progress-bar.ts";
import { type ReplayResult, replay } from "./replay.ts";
import type { Report } from "./report.ts";
import { readTrace, surveyTrace } from "./trace.ts";
import { PortalError, readCheapestModel, readTransactions, readWallet, type Wallet } from "./wallet-reads.ts";

/**
 * Carries out a replay: checks file, key and portal first, so that a mistake is found before anything is billed; then
 * sends, then audits. Aborting the signal ends it early, with a report of what was done.
 * @throws OptionError, TraceError, PortalError
 */
export async function runReplay(options: ReplayOptions, signal: AbortSignal): Promise<Report> {
  const { file, url, limit, concurrency, bulk, runId } = options;
  const { rowCount, firstMs } = await surveyTrace(file, limit);
  const { key, members } = await findApiKey(options);
  const client = createApiClient({ url, key, connections: concurrency });
  try {
    const before = await readWallet(client);
    checkOrganization(options, before);
    const model = options.model ?? (await readCheapestModel(client));
    const bar = createProgressBar(rowCount);
    const result = await replay({
      ...{ client, firstMs, concurrency, bulk, runId, model, members, signal },
      rows: readTrace(file, limit),
      speed: options.speed,
      onProgress: bar.update,
    }).finally(bar.stop);
    const closing = await close(client, before, result);
    return { file, runId, model, wasInterrupted: signal.aborted, before, result, ...closing };
  } finally {
    client.close();
  }
}

function checkOrganization({ organization }: ReplayOptions, { slug }: Wallet): void {
  if (organization === undefined || organization === slug) return;
  throw new OptionError(`The key belongs to "${slug}", not to "${organization}". Nothing was sent.`);
}

/** Reads the wallet again and audits it. A portal that is gone by then leaves the report without its check. */
async function close(
  client: ApiClient,
  before: Wallet,
  result: ReplayResult,
): Promise<Pick<Report, "after" | "audit">> {
  try {
    const after = await readWallet(client);
    const transactions = readTransactions(client, before.sequence, after.sequence);
    return { after, audit: await auditWallet({ before, after, transactions, outcomes: result.outcomes }) };
  } catch (error) {
    if (error instanceof PortalError) return { after: undefined, audit: undefined };
    throw error;
  }
}
