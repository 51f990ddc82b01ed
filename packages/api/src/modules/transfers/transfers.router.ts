import { DomainError } from "@guildhall/shared";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure } from "../../trpc/procedures.ts";
import { idempotencyKey, readActor } from "../organizations/index.ts";
import { creditAmount, reason } from "../wallets/index.ts";
import { transferCredits } from "./transfer-credits.ts";

const receiver = z.union([
  z.object({ organization: z.string().min(1).max(48) }),
  z.object({ memberId: z.uuid("This is not the id of a person.") }),
]);

export const transfersRouter = router({
  create: organizationProcedure("wallet.adjust")
    .input(z.object({ to: receiver, amount: creditAmount, reason, idempotencyKey }))
    .mutation(async ({ ctx, input }) => {
      const { to, amount, reason, idempotencyKey } = input;
      return transferCredits(ctx.services, ctx.actor, {
        to: "memberId" in to ? to : { organization: await findOrganization(to.organization) },
        amountMicro: amount,
        reason,
        idempotencyKey,
      });

      async function findOrganization(slug: string) {
        const found = await readActor(ctx.services.db, ctx.signedIn.user, slug);
        if (!found) throw new DomainError("not_found");
        return found;
      }
    }),
});
