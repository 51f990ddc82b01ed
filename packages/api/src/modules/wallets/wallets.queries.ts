import { type Database, type Tx, withOrganization } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { type Balance, type Posting, readBalance, readPostings } from "@guildhall/ledger";
import { inArray } from "drizzle-orm";

/** What an organization's wallet holds now, as decimal texts of micro-credits. */
export async function readWallet(db: Database, organizationId: string) {
  return toWire(await withOrganization(db, organizationId, (tx) => readBalance(tx, organizationId)));
}

/**
 * A page of the wallet's history, newest first, by keyset: `nextCursor` is the sequence that the next page begins before,
 * so that postings made meanwhile move nothing (S0.16, S0.19).
 */
export async function listTransactions(
  db: Database,
  organizationId: string,
  page: { cursor?: string | undefined; limit: number },
) {
  const { cursor, limit } = page;
  return withOrganization(db, organizationId, async (tx) => {
    const beforeSequence = cursor === undefined ? {} : { beforeSequence: BigInt(cursor) };
    const found = await readPostings(tx, organizationId, { ...beforeSequence, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const names = await readActorNames(tx, shown);
    return {
      items: shown.map((posting) => toTransaction(posting, names)),
      nextCursor: found.length > limit ? String(shown.at(-1)?.sequence) : null,
    };
  });
}

function toWire({ balanceMicro, heldMicro, availableMicro, sequence }: Balance) {
  return {
    balanceMicro: String(balanceMicro),
    heldMicro: String(heldMicro),
    availableMicro: String(availableMicro),
    sequence: String(sequence),
  };
}

async function readActorNames(tx: Tx, postings: Posting[]): Promise<Map<string, string>> {
  const ids = [...new Set(postings.flatMap(({ actorId }) => actorId ?? []))];
  if (ids.length === 0) return new Map();
  const rows = await tx.db.select({ id: users.id, name: users.name }).from(users).where(inArray(users.id, ids));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function toTransaction(posting: Posting, names: Map<string, string>) {
  return {
    id: posting.postingId,
    sequence: String(posting.sequence),
    at: posting.postedAt.toISOString(),
    kind: posting.kind,
    description: posting.description,
    actorName: (posting.actorId && names.get(posting.actorId)) || null,
    amountMicro: String(posting.amountMicro),
    balanceAfterMicro: String(posting.balanceAfterMicro),
    attributes: posting.attributes,
  };
}
