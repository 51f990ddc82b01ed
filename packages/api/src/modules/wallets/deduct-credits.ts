import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { type AdjustedBalance, adjustBalance } from "./adjust-balance.ts";

/**
 * Deducts credits by hand, with the reason that the history shows (S0.18). Idempotent by the key.
 * @throws insufficient_balance, idempotency_conflict, organization_inactive, overloaded
 */
export function deductCredits(
  services: Pick<Services, "ledger" | "db">,
  actor: OrganizationActor,
  input: { amountMicro: bigint; reason: string; idempotencyKey: string },
): Promise<AdjustedBalance> {
  const { amountMicro, reason, idempotencyKey } = input;
  return adjustBalance(services, actor, { amountMicro: -amountMicro, description: reason, idempotencyKey });
}
