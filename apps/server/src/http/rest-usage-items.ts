import {
  type ApiKeyActor,
  type createRecordUsages,
  type Log,
  type RecordedUsage,
  type ReportedUsage,
  readReportedUsage,
  type UsageOutcome,
} from "@guildhall/api/server";
import type { Context } from "hono";
import { toExactCredits } from "./exact-credits.ts";
import { type RefusedItem, refuseItem, toInvalidInput } from "./rest-errors.ts";

/** A recorded use as programs read it. */
export type WireUsage = ReturnType<typeof toWire>;

/** The answer to one of many. */
export type ItemResult = (WireUsage & { status: "accepted" | "replayed" }) | RefusedItem;

export type RecordItems = (
  c: Context,
  input: { actor: ApiKeyActor; items: readonly unknown[] },
) => Promise<ItemResult[]>;

/**
 * Makes the step from items as they were sent to their answers, one each, in order. An item that is an Error was broken
 * before it could be read. None fails its neighbours, so this never rejects.
 */
export function createItemRecorder(recordUsages: ReturnType<typeof createRecordUsages>, log: Log): RecordItems {
  return async function recordItems(c, { actor, items }) {
    const reports: ReportedUsage[] = [];
    const faults = new Map<number, Error>();
    items.forEach((item, place) => {
      const read = item instanceof Error ? item : readItem(item);
      if (read instanceof Error) faults.set(place, read);
      else reports.push(read);
    });
    const outcomes = await recordUsages(actor, reports).catch((error: unknown) => reports.map(() => ({ error })));
    let taken = 0;
    return items.map((_, place) => {
      const outcome: UsageOutcome = { error: faults.get(place) };
      return toResult(faults.has(place) ? outcome : (outcomes[taken++] ?? outcome), c, log);
    });
  };
}

function readItem(item: unknown): ReportedUsage | Error {
  const read = readReportedUsage(item);
  return "reported" in read ? read.reported : toInvalidInput(read.faults);
}

function toResult(outcome: UsageOutcome, c: Context, log: Log): ItemResult {
  if ("error" in outcome) return refuseItem(outcome.error, c, log);
  return { status: outcome.recorded.replayed ? "replayed" : "accepted", ...toWire(outcome.recorded) };
}

/** The JSON of toWire: ids and digits need no escaping. */
export function writeUsage({ id, amountMicro, balanceMicro, sequence, replayed }: RecordedUsage): string {
  return `{"id":"${id}","amountMicro":"${amountMicro}","credits":"${toExactCredits(amountMicro)}","balanceMicro":"${balanceMicro}","sequence":${sequence === null ? null : `"${sequence}"`},"replayed":${replayed}}`;
}

/** Writes a recorded use for programs: amounts as texts. */
export function toWire({ id, amountMicro, balanceMicro, sequence, replayed }: RecordedUsage) {
  return {
    id,
    amountMicro: String(amountMicro),
    credits: toExactCredits(amountMicro),
    balanceMicro: String(balanceMicro),
    sequence: sequence === null ? null : String(sequence),
    replayed,
  };
}
