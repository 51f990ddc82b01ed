import type { Services } from "../../trpc/context.ts";
import { type RecordedUsage, toCharge, toRecorded } from "./charge-use.ts";
import { createPricing, identifyUse, type UsageActor } from "./price-use.ts";
import type { ReportedUsage } from "./usage-input.ts";

export type AcceptUse = (actor: UsageActor, reported: ReportedUsage) => Promise<RecordedUsage | undefined>;

/**
 * Makes the short way of what nearly every report is: a new use with a price, that the wallet can pay. Undefined for all others (free,
 * sent before, refused for whatever reason): then nothing was charged that createRecordUsages would not answer in full under the same
 * key. The actor may be remembered: the transaction that charges the use refuses it when its key may not spend any more.
 */
export function createAcceptUse(services: Pick<Services, "db" | "clock" | "ledger">): AcceptUse {
  const priceUse = createPricing(services);

  /** @throws DomainError or a defect, both of which the long way would meet as well */
  return async function acceptUse(actor, reported) {
    const identity = identifyUse(actor, reported);
    const pricing = priceUse({ actor, reported, identity, now: services.clock.now() });
    const priced = pricing instanceof Promise ? await pricing : pricing;
    if (priced.use.amountMicro === 0n) return undefined;
    const result = await services.ledger.post(toCharge(priced));
    return result.outcome === "accepted" ? toRecorded(identity, result) : undefined;
  };
}
