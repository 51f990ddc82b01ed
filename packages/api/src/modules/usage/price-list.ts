import type { Database } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import type { Clock } from "@guildhall/shared";
import { type ModelPrice, priceAt } from "./price-policy.ts";

/** A new price may take so long to be seen, unless it was announced with a date: dates are kept to the instant. */
const MAX_AGE_MS = 5_000;
/** Before a model is called unknown the list is read again, but for a flood of unknown models only so often. */
const MAX_AGE_OF_A_MISS_MS = 250;

/** What is asked of the list: a use of a model at a time, and when it is asked. */
export interface PriceQuestion {
  model: string;
  at: Date;
  now: Date;
}

/** Undefined when the model has no price then. At once where the list was read lately, since one of many uses should not wait. */
export type PriceOf = (question: PriceQuestion) => ModelPrice | undefined | Promise<ModelPrice | undefined>;

/** Makes the look-up of prices. The whole list is kept: it is small, the same for everybody, and needed by every use. */
export function createPriceList({ db, clock }: { db: Database; clock: Clock }): PriceOf {
  let pricesByModel = new Map<string, ModelPrice[]>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const startedAtMs = clock.now().getTime();
    const prices = await db.drizzle.select().from(modelPrices);
    pricesByModel = Map.groupBy(prices, (price) => price.model);
    readAtMs = startedAtMs;
  }

  async function refresh(maxAgeMs: number): Promise<void> {
    if (clock.now().getTime() - readAtMs <= maxAgeMs) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  }

  const find = ({ model, at }: PriceQuestion) => priceAt(pricesByModel.get(model) ?? [], model, at);

  async function readAndFind(question: PriceQuestion): Promise<ModelPrice | undefined> {
    await refresh(MAX_AGE_MS);
    const found = find(question);
    if (found) return found;
    await refresh(MAX_AGE_OF_A_MISS_MS);
    return find(question);
  }

  return function priceOf(question) {
    const isFresh = question.now.getTime() - readAtMs <= MAX_AGE_MS;
    return (isFresh && find(question)) || readAndFind(question);
  };
}
