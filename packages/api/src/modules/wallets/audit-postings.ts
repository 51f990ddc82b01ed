import type { Posted } from "@guildhall/ledger";
import type { Clock } from "@guildhall/shared";
import { type AuditEntry, type AuditRecord, toAuditEntry } from "../../audit-entry.ts";
import { appendAudit } from "../../record-audit.ts";
import type { PostingReaction } from "./wallets.events.ts";

/** What a person does to a wallet by hand. */
interface PersonalAct {
  actor: NonNullable<AuditRecord["actor"]>;
  /** "credits.added" */
  action: string;
  /** What else the entry shall say. */
  details?: Record<string, unknown>;
  /** Of a transfer to another organization: how the one that gives is called. The receiver's chain gets an entry, too. */
  giver?: string;
}

/** Hands what a person did to the transaction that posts it. Without an act (a program's doing) nothing is recorded. */
export class AuditedPosting {
  readonly act: PersonalAct | null;

  constructor(act: PersonalAct | null) {
    this.act = act;
  }
}

/** Writes what people did by hand into the audit logs of their organizations, in the transaction of the postings. */
export function auditPostings(clock: Clock): PostingReaction {
  return async (tx, posted) => {
    const entries = posted.flatMap((one) => {
      const { attachment } = one.request;
      return attachment instanceof AuditedPosting && attachment.act ? toEntries(attachment.act, one) : [];
    });
    await appendAudit(tx, entries, clock.now());
  };
}

function toEntries({ actor, action, details, giver }: PersonalAct, { request, result }: Posted): AuditEntry[] {
  const { bookId, toBookId, description } = request;
  const { amountMicro, balanceAfterMicro, heldMicro } = result;
  const balanceMicro = balanceAfterMicro + heldMicro;
  const given = toAuditEntry(
    { scope: "organization", scopeId: bookId },
    {
      actor,
      action,
      subject: { kind: "wallet", id: bookId, label: description },
      before: { balanceMicro: balanceMicro - amountMicro },
      after: { amountMicro, balanceMicro, ...details },
    },
  );
  if (!giver || !toBookId) return [given];
  const received = toAuditEntry(
    { scope: "organization", scopeId: toBookId },
    {
      actor,
      action: "credits.received",
      subject: { kind: "wallet", id: toBookId, label: description },
      after: { amountMicro: -amountMicro, from: giver },
    },
  );
  return [given, received];
}
