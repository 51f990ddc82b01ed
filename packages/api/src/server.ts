import { randomBytes } from "node:crypto";
import {
  createLoginLimits,
  createPasswordHasher,
  createSealer,
  createSessions,
  SECRET_KEY_BYTES,
  type Sealer,
} from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { createBatchWriter } from "@guildhall/ledger";
import { createBus } from "@guildhall/live";
import { type Clock, HOUR_MS, MINUTE_MS } from "@guildhall/shared";
import { deleteExpiredProofs } from "./modules/second-factor/index.ts";
import {
  admitHolds,
  admitUses,
  chargeBatches,
  recordUses,
  refuseRevokedKeys,
  together,
} from "./modules/usage/index.ts";
import { auditPostings, walletPostings } from "./modules/wallets/index.ts";
import type { Log, MailDelivery, Services } from "./trpc/context.ts";

export { platformAdminCommand } from "./modules/admin/index.ts";
export {
  type ApiKeyActor,
  type ApiKeys,
  createApiKey,
  createApiKeys,
  requireScope,
} from "./modules/api-keys/index.ts";
export { type AuditExport, type AuditLogEntry, auditFilters, openAuditExport } from "./modules/audit/index.ts";
export { deleteOldIdentityTokens } from "./modules/identity/index.ts";
export { sendInviteList } from "./modules/invites/index.ts";
export {
  createLiveHub,
  type DeliveredFrame,
  type LiveHub,
  LiveStream,
  type Seat,
  type Watcher,
} from "./modules/live/index.ts";
export { addMember, type ExportedMember, memberSeats, memberSorts, openMemberExport } from "./modules/members/index.ts";
export { createOrganization, lockOrganization, readActor } from "./modules/organizations/index.ts";
export {
  type AcceptUse,
  createAcceptUse,
  createPlaceHold,
  createRecordUsage,
  createRecordUsages,
  listComingPrices,
  listPrices,
  programKey,
  type RecordedUsage,
  type ReportedUsage,
  type ReversedUsage,
  readReportedUsage,
  reportedUsage,
  reversalRequest,
  reverseUsage,
  type UsageOutcome,
  verifyWallets,
} from "./modules/usage/index.ts";
export {
  addCredits,
  deductCredits,
  type HoldResult,
  listHolds,
  listTransactions,
  openTransactionExport,
  readWallet,
  releaseHold,
  settleHold,
  type Transaction,
  type TransactionExport,
  transactionFilters,
  transactionKinds,
} from "./modules/wallets/index.ts";
export type { AppRouter } from "./trpc/app.router.ts";
export { appRouter } from "./trpc/app.router.ts";
export type {
  Context,
  Log,
  MailDelivery,
  OrganizationActor,
  Services,
  SessionCookie,
  SignedIn,
  SignInCookie,
  User,
} from "./trpc/context.ts";
export { createCallerFactory } from "./trpc/init.ts";
export { reportStreamError } from "./trpc/stream-error.ts";

export interface ServicesOptions {
  db: Database;
  clock: Clock;
  publicUrl: string;
  log: Log;
  /** Default: one with a key of its own, good for what this process alone seals and opens. */
  sealer?: Sealer | undefined;
  /** Default "off". */
  mailDelivery?: MailDelivery | undefined;
}

export interface RunningServices extends Services {
  /** Lets accepted postings finish, then ends what runs in the background. The database stays the caller's. */
  stop(): Promise<void>;
}

/** Composes what the verbs use over one database. */
export function createServices({ db, clock, publicUrl, log, ...options }: ServicesOptions): RunningServices {
  const sessions = createSessions({ db, clock });
  const housekeeping = setInterval(() => {
    sessions.deleteExpired().catch((err: unknown) => log.warn({ err }, "expired sessions were not removed"));
    deleteExpiredProofs({ db, clock }).catch((err: unknown) => log.warn({ err }, "expired proofs were not removed"));
  }, HOUR_MS).unref();
  const bus = createBus({ db, onError: (err) => log.error({ err }, "the live bus failed") });
  const postings = walletPostings({
    bus,
    clock,
    reactions: [
      together(refuseRevokedKeys, admitUses(clock), recordUses(clock), admitHolds(clock)),
      auditPostings(clock),
    ],
  });
  const ledger = createBatchWriter({ db, clock, ...postings, charging: chargeBatches(postings.keepHeads) });
  const expiring = setInterval(() => {
    ledger.expireDue().catch((err: unknown) => log.warn({ err }, "what has come due in unused wallets was not posted"));
  }, MINUTE_MS).unref();
  return {
    db,
    clock,
    publicUrl,
    log,
    bus,
    ledger,
    sessions,
    passwords: createPasswordHasher(),
    loginLimits: createLoginLimits({ clock }),
    sealer: options.sealer ?? createSealer([randomBytes(SECRET_KEY_BYTES)]),
    mailDelivery: options.mailDelivery ?? "off",
    async stop() {
      clearInterval(housekeeping);
      clearInterval(expiring);
      await ledger.stop();
      await bus.stop();
    },
  };
}
