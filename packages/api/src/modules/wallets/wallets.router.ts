import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure } from "../../trpc/procedures.ts";
import { idempotencyKey } from "../organizations/index.ts";
import { addCredits } from "./add-credits.ts";
import { creditAmount, creditsToAdd, reason } from "./credit-input.ts";
import { readPriceForSale } from "./credit-price.queries.ts";
import { deductCredits } from "./deduct-credits.ts";
import { grantCredits } from "./grant-credits.ts";
import { listHolds } from "./holds.ts";
import { listLots } from "./lots.queries.ts";
import { listStatementMonths, month, readStatement } from "./statements.ts";
import { transactionFilters } from "./transaction-filters.ts";
import { listTransactions, readWallet } from "./wallets.queries.ts";

const futureTime = z.iso
  .datetime({ offset: true, error: "Give the end as ISO 8601 with a zone." })
  .transform((text) => new Date(text));

const page = z.object({
  cursor: z
    .string()
    .regex(/^\d{1,18}$/, "This is not the cursor of a page.")
    .optional(),
  limit: z.int().min(1).max(100).default(50),
});

export const walletsRouter = router({
  summary: organizationProcedure("wallet.read").query(({ ctx }) =>
    readWallet(ctx.services.db, ctx.actor.organizationId),
  ),

  /** Credits with an end or a source of their own, as they will be spent; what of them ends within 30 days. */
  lots: organizationProcedure("wallet.read").query(({ ctx }) => listLots(ctx.services, ctx.actor.organizationId)),

  holds: organizationProcedure("wallet.read").query(({ ctx }) => listHolds(ctx.services, ctx.actor.organizationId)),

  transactions: organizationProcedure("transactions.read")
    .input(page.extend(transactionFilters.shape))
    .query(({ ctx, input }) => listTransactions(ctx.services.db, ctx.actor.organizationId, input)),

  statement: organizationProcedure("transactions.read")
    .input(z.object({ month }))
    .query(({ ctx, input }) => readStatement(ctx.services, ctx.actor.organizationId, input.month)),

  statementMonths: organizationProcedure("transactions.read").query(({ ctx }) =>
    listStatementMonths(ctx.services, ctx.actor.organizationId),
  ),

  /** What the wallet's credits cost; null for a wallet that has no type with a price. */
  price: organizationProcedure("wallet.adjust").query(({ ctx }) =>
    readPriceForSale(ctx.services.db, ctx.actor.organizationId),
  ),

  addCredits: organizationProcedure("wallet.adjust")
    .input(creditsToAdd)
    .mutation(({ ctx, input }) => addCredits(ctx.services, ctx.actor, input)),

  /** Promotional credits that end: spent before paid ones. */
  grantCredits: organizationProcedure("wallet.adjust")
    .input(z.object({ amount: creditAmount, description: reason, expiresAt: futureTime, idempotencyKey }))
    .mutation(({ ctx, input: { amount, description, expiresAt, idempotencyKey } }) =>
      grantCredits(ctx.services, ctx.actor, { amountMicro: amount, description, expiresAt, idempotencyKey }),
    ),

  deductCredits: organizationProcedure("wallet.adjust")
    .input(z.object({ amount: creditAmount, reason, idempotencyKey }))
    .mutation(({ ctx, input: { amount, reason, idempotencyKey } }) =>
      deductCredits(ctx.services, ctx.actor, { amountMicro: amount, reason, idempotencyKey }),
    ),
});
