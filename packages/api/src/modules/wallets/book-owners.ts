import type { TransactionSql } from "@guildhall/db";

/** How many answers are kept: an owner never changes, so that forgetting them all at once costs one query per book. */
const REMEMBERED = 50_000;

/**
 * Tells people's books from organizations' by their ids, which are the owners'. Asks the database once per book: batches are
 * the hot path. Nothing but whose it is leaves here.
 */
export class BookOwners {
  private readonly isPersonById = new Map<string, boolean>();

  /** The books that belong to people; all others are organizations'. */
  async findPeople(tx: TransactionSql, bookIds: readonly string[]): Promise<ReadonlySet<string>> {
    const unknown = bookIds.filter((id) => !this.isPersonById.has(id));
    if (unknown.length > 0) await this.ask(tx, unknown);
    return new Set(bookIds.filter((id) => this.isPersonById.get(id)));
  }

  private async ask(tx: TransactionSql, ids: string[]): Promise<void> {
    const rows = await tx<{ id: string }[]>`SELECT id FROM users WHERE id = ANY (${ids}::uuid[])`;
    if (this.isPersonById.size + ids.length > REMEMBERED) this.isPersonById.clear();
    const people = new Set(rows.map((row) => row.id));
    for (const id of ids) this.isPersonById.set(id, people.has(id));
  }
}
