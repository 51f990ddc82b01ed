import { rolesWith } from "@guildhall/auth";
import type { TransactionSql } from "@guildhall/db";
import type { BatchWriterOptions, Posted } from "@guildhall/ledger";
import { appendEvents, type Bus, type Head, type NewEvent } from "@guildhall/live";
import type { Clock } from "@guildhall/shared";
import { BookOwners } from "./book-owners.ts";

/** Something that is written in the transaction of a batch of postings, by a module above the wallets. */
export type PostingReaction = (tx: TransactionSql, posted: readonly Posted[]) => Promise<void>;

/** For how many organizations the last head is kept. */
const REMEMBERED = 50_000;

interface WalletPostingsOptions {
  bus: Pick<Bus, "publish" | "touchPerson">;
  clock: Clock;
  /** Run in this order, before the event: what they write is committed with the postings or not at all. */
  reactions?: readonly PostingReaction[];
}

interface WalletPostings extends Required<Pick<BatchWriterOptions, "onPosted" | "afterCommit">> {
  /** Takes the heads that a statement of its own has come to, to be published after the commit. */
  keepHeads(heads: readonly Head[]): void;
}

/**
 * What the ledger's writer does around each batch: the reactions, then one wallet.balance_changed per organization,
 * however many postings it sums up, and after the commit one wake-up for all. The logs' heads are the last locks taken.
 */
export function walletPostings(options: WalletPostingsOptions): WalletPostings {
  const { bus, clock, reactions = [] } = options;
  // Not forgotten at the commit: a wallet that receives a transfer moves in another lane's batch, and whichever of the two
  // commits later must still find a head to publish. One that is newer than its own commit wakes too early at worst.
  const headByOrganization = new Map<string, Head>();
  const owners = new BookOwners();
  const people = new Set<string>();

  function keepHeads(heads: readonly Head[]): void {
    if (headByOrganization.size > REMEMBERED) headByOrganization.clear(); // What is lost by it, the bus's poll heals.
    for (const head of heads) headByOrganization.set(head.organizationId, head);
  }

  return {
    keepHeads,
    async onPosted(tx, posted) {
      for (const react of reactions) await react(tx, posted);
      // A person's wallet has no log: their pages are told to look again, and what they show is state.
      const ofPeople = await owners.findPeople(tx, [...new Set(posted.map(({ request }) => request.bookId))]);
      for (const userId of ofPeople) people.add(userId);
      const ofOrganizations = posted.filter(({ request }) => !ofPeople.has(request.bookId));
      if (ofOrganizations.length === 0) return;
      keepHeads(await appendEvents(tx, balanceEvents(ofOrganizations), clock.now()));
    },
    afterCommit(bookIds) {
      const heads = bookIds.flatMap((bookId) => headByOrganization.get(bookId) ?? []);
      if (heads.length > 0) bus.publish(heads);
      for (const bookId of bookIds) if (people.delete(bookId)) bus.touchPerson(bookId);
    },
  };
}

function balanceEvents(posted: readonly Posted[]): NewEvent[] {
  const byBook = Map.groupBy(posted, ({ request }) => request.bookId);
  return [...byBook].map(([organizationId, ofBook]) => balanceEvent(organizationId, ofBook));
}

function balanceEvent(organizationId: string, posted: Posted[]): NewEvent {
  const [first, last] = [posted.at(0), posted.at(-1)];
  if (!first || !last) throw new RangeError("A balance changes by at least one posting.");
  const { balanceAfterMicro, heldMicro, sequence } = last.result;
  return {
    organizationId,
    type: "wallet.balance_changed",
    audience: rolesWith("wallet.read"),
    // Named only when the event is about one thing that one person did.
    actorId: posted.length === 1 ? (first.request.actorId ?? null) : null,
    payload: {
      balanceMicro: String(balanceAfterMicro + heldMicro),
      heldMicro: String(heldMicro),
      availableMicro: String(balanceAfterMicro),
      fromSequence: String(first.result.sequence),
      toSequence: String(sequence),
    },
  };
}
