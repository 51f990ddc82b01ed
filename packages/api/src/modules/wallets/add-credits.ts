import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { addPaidCredits } from "./add-paid-credits.ts";
import { type AddedCredits, adjustBalance } from "./adjust-balance.ts";
import type { Payment } from "./payment-policy.ts";

const DEFAULT_DESCRIPTION = "Credits added";

/** So many credits, or what was paid for them. */
type CreditsToAdd = { amountMicro: bigint } | { paid: Payment };

/**
 * Adds credits by hand (S0.17): so many, or as many as a payment buys. Idempotent by the key: sent twice, it adds once.
 * @throws invalid_input (what was paid buys nothing here), idempotency_conflict, organization_inactive, overloaded
 */
export async function addCredits(
  services: Pick<Services, "ledger" | "db">,
  actor: OrganizationActor,
  input: CreditsToAdd & { description?: string | undefined; idempotencyKey: string },
): Promise<AddedCredits> {
  const { idempotencyKey } = input;
  const description = input.description || DEFAULT_DESCRIPTION;
  if ("paid" in input) return addPaidCredits(services, actor, { paid: input.paid, description, idempotencyKey });
  const { amountMicro } = input;
  const adjusted = await adjustBalance(services, actor, { amountMicro, description, idempotencyKey });
  return { ...adjusted, amountMicro: String(amountMicro) };
}
