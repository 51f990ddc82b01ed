import type { TransactionScope } from "@guildhall/db";

export interface AdministeredAlone {
  name: string;
  slug: string;
}

/** Locks the enterprises that a person administers, in the order of their ids: their admins stay as they are until the commit. */
export async function lockAdministered({ sql }: TransactionScope, userId: string): Promise<void> {
  await sql`
    SELECT 1 FROM enterprises
     WHERE id IN (SELECT enterprise_id FROM enterprise_admins WHERE user_id = ${userId})
     ORDER BY id FOR NO KEY UPDATE`;
}

/**
 * The enterprises that nobody could administer any more without this person, though others depend on it: those with a team, or with
 * an organization that somebody else is a member of. Enters the enterprises one by one, and leaves the transaction in none.
 */
export async function readAdministeredAlone({ sql }: TransactionScope, userId: string): Promise<AdministeredAlone[]> {
  const alone = await sql<(AdministeredAlone & { id: string })[]>`
    SELECT e.id, e.name, e.slug FROM enterprises e
      JOIN enterprise_admins a ON a.enterprise_id = e.id AND a.user_id = ${userId}
     WHERE NOT EXISTS (SELECT 1 FROM enterprise_admins o WHERE o.enterprise_id = e.id AND o.user_id <> ${userId})
     ORDER BY lower(e.name), e.id`;
  const needed: AdministeredAlone[] = [];
  for (const { id, name, slug } of alone) {
    await sql`SELECT set_config('app.enterprise_id', ${id}, true)`;
    const [found] = await sql<{ isNeeded: boolean }[]>`
      SELECT EXISTS (SELECT 1 FROM teams WHERE enterprise_id = ${id}) OR EXISTS (
        SELECT 1 FROM organizations o
          LEFT JOIN members m ON m.organization_id = o.id AND m.user_id = ${userId}
         WHERE o.enterprise_id = ${id} AND o.member_count > (m.user_id IS NOT NULL)::int) AS "isNeeded"`;
    if (found?.isNeeded) needed.push({ name, slug });
  }
  await sql`SELECT set_config('app.enterprise_id', '', true)`;
  return needed;
}
