import { withOrganization } from "@guildhall/db";
import { type Balance, readBalance } from "@guildhall/ledger";
import { DomainError, type DomainErrorCode, isDomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import { postToWallet } from "../wallets/index.ts";
import { type RecordedUsage, repeatCharge, toCharge, toRecorded } from "./charge-use.ts";
import { createPricing, identifyUse, type PricedReport, type UsageActor, type UseIdentity } from "./price-use.ts";
import { insertFreeUses, type PricedUse } from "./usage.events.ts";
import { readUses } from "./usage.queries.ts";
import type { ReportedUsage } from "./usage-input.ts";

type UsageServices = Pick<Services, "db" | "clock" | "ledger">;

/** What has become of one use among many: what was recorded, or why not (a DomainError, or a defect). */
export type UsageOutcome = { recorded: RecordedUsage } | { error: unknown };

export type RecordUsage = (actor: UsageActor, reported: ReportedUsage) => Promise<RecordedUsage>;
export type RecordUsages = (actor: UsageActor, reports: readonly ReportedUsage[]) => Promise<UsageOutcome[]>;

/**
 * Makes the verb that bills one use: its cost is computed from the price list and debited in the transaction that records
 * it (S2.18). Idempotent by the key: the same report is answered with the first result, even when the price has changed,
 * the member has left or the organization has become inactive since.
 */
export function createRecordUsage(services: UsageServices): RecordUsage {
  const recordUsages = createRecordUsages(services);

  /** @throws organization_inactive, unknown_model, unknown_member, insufficient_balance, idempotency_conflict, overloaded */
  return async function recordUsage(actor, reported) {
    const [outcome] = await recordUsages(actor, [reported]);
    if (!outcome) throw new RangeError("One report has one outcome.");
    if ("error" in outcome) throw outcome.error;
    return outcome.recorded;
  };
}

/**
 * Makes the same for many uses of one organization, which share look-ups and batches. Each has an outcome of its own, in
 * order; none fails its neighbours. They are charged in order: those that cost nothing first, as they cannot be refused.
 */
export function createRecordUsages(services: UsageServices): RecordUsages {
  const priceUse = createPricing(services);

  return async function recordUsages(actor, reports) {
    const identities = reports.map((reported) => identifyUse(actor, reported));
    const now = services.clock.now();
    const priced = await settleAll(reports, (reported, place) =>
      priceUse({ actor, reported, identity: identities[place] as UseIdentity, now }),
    );
    const recordFree = await recordFreeUses(services, priced);
    const outcomes = await settleAll(priced, (one) => record(services, one, recordFree));
    return repeatFirsts(services, identities, outcomes.map(toOutcome));
  };
}

type Try<T> = { value: T } | { error: unknown };

/** Does the same with all, and tells of each what has come of it. Waits once, and only when one of them has to be waited for. */
async function settleAll<In, Out>(
  all: readonly In[],
  work: (one: In, place: number) => Out | Promise<Out>,
): Promise<Try<Out>[]> {
  const waiting: Promise<unknown>[] = [];
  const tries = new Array<Try<Out>>(all.length);
  all.forEach((one, place) => {
    const keep = (outcome: Try<Out>) => {
      tries[place] = outcome;
    };
    try {
      const done = work(one, place);
      if (!(done instanceof Promise)) keep({ value: done });
      else
        waiting.push(
          done.then(
            (value) => keep({ value }),
            (error: unknown) => keep({ error }),
          ),
        );
    } catch (error) {
      keep({ error });
    }
  });
  if (waiting.length > 0) await Promise.all(waiting);
  return tries;
}

function toOutcome(done: Try<RecordedUsage>): UsageOutcome {
  return "error" in done ? done : { recorded: done.value };
}

/** @throws what pricing has thrown, insufficient_balance, idempotency_conflict, overloaded */
function record(
  services: UsageServices,
  priced: Try<PricedReport>,
  recordFree: (use: PricedUse) => RecordedUsage,
): RecordedUsage | Promise<RecordedUsage> {
  if ("error" in priced) throw priced.error;
  const { use } = priced.value;
  return use.amountMicro === 0n
    ? recordFree(use)
    : postToWallet(services, toCharge(priced.value)).then((posted) => toRecorded(use, posted));
}

function tryTo<T>(promise: Promise<T>): Promise<Try<T>> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

/**
 * Records what costs nothing, all in one transaction: there is no posting, for there is no amount. Returns what tells each
 * its result: the first of a key is recorded, whatever was there before is a conflict until the first one has been read.
 */
async function recordFreeUses({ db, clock }: UsageServices, priced: Try<PricedReport>[]) {
  const uses = priced.flatMap((one) => ("value" in one && one.value.use.amountMicro === 0n ? one.value.use : []));
  const [{ organizationId }] = [uses[0] ?? { organizationId: "" }];
  const written =
    uses.length === 0
      ? undefined
      : await tryTo(
          withOrganization(db, organizationId, async (tx) => {
            const newIds = new Set(await insertFreeUses(tx.sql, uses, clock.now()));
            return { newIds, balance: await readBalance(tx, organizationId) };
          }),
        );
  return ({ id }: PricedUse): RecordedUsage => {
    if (!written) throw new RangeError("A use that costs nothing was not among those to record.");
    if ("error" in written) throw written.error;
    if (!written.value.newIds.delete(id)) throw new DomainError("idempotency_conflict");
    return toFree(id, { balance: written.value.balance, replayed: false });
  };
}

function toFree(id: string, { balance, replayed }: { balance: Balance; replayed: boolean }): RecordedUsage {
  return { id, amountMicro: 0n, balanceMicro: balance.balanceMicro, sequence: null, replayed };
}

/** Looks whether what was refused had been recorded before, all in one read, and answers those with what happened then. */
async function repeatFirsts(
  services: UsageServices,
  identities: readonly UseIdentity[],
  outcomes: UsageOutcome[],
): Promise<UsageOutcome[]> {
  if (!outcomes.some(canHideFirst)) return outcomes;
  const doubtful = identities.filter((_, place) => canHideFirst(outcomes[place] as UsageOutcome));
  const [some] = doubtful;
  if (!some) return outcomes;
  const { organizationId } = some;
  const read = await tryTo(
    withOrganization(services.db, organizationId, async (tx) => ({
      uses: await readUses(
        tx,
        doubtful.map(({ id }) => id),
      ),
      balance: await readBalance(tx, organizationId),
    })),
  );
  if ("error" in read) return outcomes.map((outcome) => (canHideFirst(outcome) ? { error: read.error } : outcome));
  const { uses, balance } = read.value;
  const repeat = async (outcome: UsageOutcome, { id, fingerprint }: UseIdentity): Promise<UsageOutcome> => {
    const first = canHideFirst(outcome) ? uses.get(id) : undefined;
    if (!first) return outcome;
    if (first.fingerprint !== fingerprint) return { error: new DomainError("idempotency_conflict") };
    if (first.amountMicro === 0n) return { recorded: toFree(id, { balance, replayed: true }) };
    const repeated = await tryTo(repeatCharge(services, first));
    return "error" in repeated ? repeated : { recorded: repeated.value };
  };
  return Promise.all(outcomes.map((outcome, place) => repeat(outcome, identities[place] as UseIdentity)));
}

const REFUSALS_THAT_COME_LATER: readonly DomainErrorCode[] = [
  "organization_inactive",
  "unknown_model",
  "unknown_member",
  "allowance_exceeded",
  "role_cannot_spend",
  "spend_policy_refused",
  // Of a use that was free then.
  "insufficient_balance",
  // Of a use that is free now: the report may be the same as the first.
  "idempotency_conflict",
];
const UNIQUE_VIOLATION = "23505";

/**
 * Says whether an outcome may stand before a result that exists: what is refused now may have been accepted then, and a use
 * that was free then collides with its own record when it has a price now.
 */
function canHideFirst(outcome: UsageOutcome): boolean {
  if (!("error" in outcome)) return false;
  const { error } = outcome;
  if (isDomainError(error)) return REFUSALS_THAT_COME_LATER.includes(error.code);
  return error instanceof Error && "code" in error && error.code === UNIQUE_VIOLATION;
}
