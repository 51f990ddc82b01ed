import type { ApiClient } from "./api-client.ts";

/** What the wallet can spend, and how far its history has come. */
export interface Wallet {
  slug: string;
  organizationName: string;
  availableMicro: bigint;
  sequence: bigint;
}

/** A row of the wallet's history. */
export interface Transaction {
  id: string;
  sequence: bigint;
  amountMicro: bigint;
  balanceAfterMicro: bigint;
}

/** The portal cannot be asked, or does not want to answer. The message says why. */
export class PortalError extends Error {}

const PAGE_SIZE = 1_000;

/** Reads the wallet behind the key. @throws PortalError */
export async function readWallet(client: ApiClient): Promise<Wallet> {
  const wallet = await get<{
    organization: { slug: string; name: string };
    availableMicro: string;
    sequence: string;
  }>(client, "/wallet");
  const { organization, availableMicro, sequence } = wallet;
  return {
    slug: organization.slug,
    organizationName: organization.name,
    availableMicro: BigInt(availableMicro),
    sequence: BigInt(sequence),
  };
}

/** Reads every transaction after one sequence up to another, newest first. @throws PortalError */
export async function* readTransactions(client: ApiClient, after: bigint, upTo: bigint): AsyncGenerator<Transaction> {
  let before = upTo + 1n;
  while (before - 1n > after) {
    const limit = before - 1n - after < BigInt(PAGE_SIZE) ? before - 1n - after : BigInt(PAGE_SIZE);
    const { items } = await get<{ items: Record<keyof Transaction, string>[] }>(
      client,
      `/wallet/transactions?before=${before}&limit=${limit}`,
    );
    if (items.length === 0) return;
    for (const { id, sequence, amountMicro, balanceAfterMicro } of items) {
      before = BigInt(sequence);
      yield { id, sequence: before, amountMicro: BigInt(amountMicro), balanceAfterMicro: BigInt(balanceAfterMicro) };
    }
  }
}

/** The cheapest model of the price list, by what a million tokens of each kind cost. @throws PortalError */
export async function readCheapestModel(client: ApiClient): Promise<string> {
  const { items } = await get<{
    items: { model: string; inputMicroPerMillion: string; outputMicroPerMillion: string }[];
  }>(client, "/prices");
  const cost = (price: (typeof items)[number]) =>
    BigInt(price.inputMicroPerMillion) + BigInt(price.outputMicroPerMillion);
  const priced = items.filter((price) => cost(price) > 0n);
  const [first, ...others] = priced;
  if (!first) throw new PortalError("The portal has no price for any model, so nothing can be billed.");
  return others.reduce((cheapest, price) => (cost(price) < cost(cheapest) ? price : cheapest), first).model;
}

async function get<Body>(client: ApiClient, path: string): Promise<Body> {
  const { status, body } = await client.send("GET", path).catch((error: unknown) => {
    const reason =
      error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
    throw new PortalError(`The portal does not answer (${reason}). Is it running? Its address is set by --url.`, {
      cause: error,
    });
  });
  if (status === 200 && typeof body === "object" && body !== null) return body as Body;
  const error = (body as { error?: { message?: string } } | undefined)?.error;
  throw new PortalError(error?.message ?? `The portal answered ${path} with status ${status}. Check --url.`);
}
