import type { PostingAccepted, PostingRequest } from "@guildhall/ledger";
import { DomainError, formatCredits } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";

/**
 * Posts to a wallet and turns what the ledger refuses into the portal's refusals. Idempotent by the key; resolves after
 * the commit. Call it outside of any transaction: the batch has its own.
 * @throws insufficient_balance (with balanceMicro and requiredMicro), idempotency_conflict, overloaded, not_found
 */
export async function postToWallet(
  services: Pick<Services, "ledger">,
  request: PostingRequest,
): Promise<PostingAccepted> {
  const result = await services.ledger.post(request);
  switch (result.outcome) {
    case "accepted":
    case "replayed":
      return result;
    case "conflict":
      throw new DomainError("idempotency_conflict");
    case "insufficient":
      throw insufficient(result.balanceMicro, result.requiredMicro);
  }
}

function insufficient(balanceMicro: bigint, requiredMicro: bigint): DomainError {
  const [holds, needs] = [formatCredits(balanceMicro), formatCredits(requiredMicro)];
  // Amounts that differ only beyond the third decimal would read "holds 1, needs 1".
  const message =
    holds === needs ? undefined : `The wallet holds ${holds} credits; this needs ${needs}. Add credits first.`;
  const details = { balanceMicro: String(balanceMicro), requiredMicro: String(requiredMicro) };
  return new DomainError("insufficient_balance", details, message);
}
