import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { type AdjustedBalance, adjustBalance } from "./adjust-balance.ts";

const DEFAULT_DESCRIPTION = "Credits added";

/**
 * Adds credits by hand (S0.17). Idempotent by the key: sent twice, it adds once.
 * @throws idempotency_conflict, organization_inactive, overloaded
 */
export function addCredits(
  services: Pick<Services, "ledger" | "db">,
  actor: OrganizationActor,
  input: { amountMicro: bigint; description?: string | undefined; idempotencyKey: string },
): Promise<AdjustedBalance> {
  const { amountMicro, idempotencyKey } = input;
  return adjustBalance(services, actor, {
    amountMicro,
    description: input.description || DEFAULT_DESCRIPTION,
    idempotencyKey,
  });
}
