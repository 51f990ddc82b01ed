import type { Services } from "../../trpc/context.ts";
import { type RecordedUsage, toCharge, toRecorded } from "./charge-use.ts";
import { createPricing, identifyUse, type PricedReport, type UsageActor, type UseIdentity } from "./price-use.ts";
import type { ReportedUsage } from "./usage-input.ts";

export type AcceptUse = (actor: UsageActor, reported: ReportedUsage) => Promise<RecordedUsage | undefined>;

/**
 * Makes the short way of what nearly every report is: a new use with a price, that the wallet can pay. Undefined for all others (free,
 * sent before, refused for whatever reason): then nothing was charged that createRecordUsages would not answer in full under the same
 * key. The actor may be remembered: the transaction that charges the use refuses it when its key may not spend any more.
 */
export function createAcceptUse(services: Pick<Services, "db" | "clock" | "ledger">): AcceptUse {
  const priceUse = createPricing(services);

  async function chargeRead(priced: PricedReport | Promise<PricedReport>, identity: UseIdentity) {
    return charge(await priced, identity);
  }

  function charge(priced: PricedReport, identity: UseIdentity): Promise<RecordedUsage | undefined> {
    if (priced.use.amountMicro === 0n) return FREE;
    return services.ledger
      .post(toCharge(priced))
      .then((result) => (result.outcome === "accepted" ? toRecorded(identity, result) : undefined));
  }

  /** Rejects with a DomainError or a defect, both of which the long way would meet as well. Few promises: one of each is made for every use. */
  return function acceptUse(actor, reported) {
    try {
      const identity = identifyUse(actor, reported);
      const pricing = priceUse({ actor, reported, identity, now: services.clock.now() });
      return pricing instanceof Promise ? chargeRead(pricing, identity) : charge(pricing, identity);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

const FREE = Promise.resolve(undefined);
