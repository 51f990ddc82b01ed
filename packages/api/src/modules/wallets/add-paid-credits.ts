import { MAX_AMOUNT_MICRO } from "@guildhall/ledger";
import { DomainError, formatMoney, priceText } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { type AddedCredits, toAdjustedBalance } from "./adjust-balance.ts";
import { AuditedPosting } from "./audit-postings.ts";
import { readCreditPrice } from "./credit-price.queries.ts";
import { type CreditPrice, decidePurchase, type Payment } from "./payment-policy.ts";
import { postToWallet } from "./post-to-wallet.ts";
import { refuseUnlessPosted } from "./refuse-unless-posted.ts";
import { decideAdjustment } from "./wallet-policy.ts";

/**
 * Adds the credits that a payment buys at the price of the wallet's type, exactly. What was paid and the price stay with the
 * posting, so a later price changes neither it nor what a retry under the same key is answered.
 * @throws invalid_input (no price, another currency, too much), organization_inactive, idempotency_conflict, overloaded
 */
export async function addPaidCredits(
  services: Pick<Services, "ledger" | "db">,
  actor: OrganizationActor,
  { paid, description, idempotencyKey }: { paid: Payment; description: string; idempotencyKey: string },
): Promise<AddedCredits> {
  const price = await readCreditPrice(services.db, actor.organizationId);
  const purchase = decidePurchase(price, paid, { mostMicro: MAX_AMOUNT_MICRO });
  const refusal = findRefusal(actor, purchase);
  if (refusal) await refuseUnlessPosted(services, { ...actor, idempotencyKey }, refusal);
  const details = purchase.ok ? toDetails(paid, purchase.price) : {};
  const posted = await postToWallet(services, {
    bookId: actor.organizationId,
    kind: "top_up",
    lot: { kind: "paid" },
    // Refused and yet here: something was posted under this key, so this amount never is; the answer tells of the first.
    amountMicro: purchase.ok ? purchase.amountMicro : 1n,
    description: purchase.ok ? describe(description, paid, purchase.price) : description,
    attributes: details,
    // Of what was sent, not of what it came to: at another price the same payment is still the same.
    fingerprint: JSON.stringify(["paid", String(paid.minor), paid.currency, description]),
    idempotencyKey,
    actorId: actor.userId,
    attachment: new AuditedPosting({ actor, action: "credits.added", details }),
  });
  return { ...toAdjustedBalance(posted), amountMicro: String(posted.amountMicro) };
}

function findRefusal({ status }: OrganizationActor, purchase: ReturnType<typeof decidePurchase>) {
  const decision = decideAdjustment(status);
  if (!decision.ok) return new DomainError(decision.reason, { status }, decision.message);
  return purchase.ok ? undefined : new DomainError("invalid_input", { field: "paid" }, purchase.message);
}

/** "Credits added: 19.99 EUR paid, 1 credit costs 0.01 EUR" */
function describe(description: string, { minor, currency }: Payment, price: CreditPrice): string {
  return `${description}: ${formatMoney(minor, currency)} paid, ${priceText(price)}`;
}

function toDetails({ minor, currency }: Payment, { creditTypeId, microPerMinorUnit }: CreditPrice) {
  const [paidMinor, rate] = [String(minor), String(microPerMinorUnit)];
  return { paidMinor, paidCurrency: currency, microPerMinorUnit: rate, creditTypeId };
}
