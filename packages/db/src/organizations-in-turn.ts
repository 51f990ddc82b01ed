import type { Database } from "./client.ts";
import { type Tx, type UserTx, withUser } from "./tenancy.ts";

/** Visits the organizations one after the other, in the order of their ids; each visit sees exactly the one it is in. */
export type EachOrganization = (visit: (tx: Tx) => Promise<void>) => Promise<void>;

/**
 * One transaction of a person over several organizations, for what must happen in all of them or in none. Between visits it sees
 * what withUser lets a person see. Lock all organizations in a first round and change them in a second, so that the order of
 * locks stays organization → log head; what the visits announce is written at the end, organization by organization.
 * @throws whatever `work` throws, after rolling back everything.
 */
export function withOrganizationsOfUser<T>(
  db: Database,
  { userId, organizationIds }: { userId: string; organizationIds: readonly string[] },
  work: (person: UserTx, eachOrganization: EachOrganization) => Promise<T>,
): Promise<T> {
  const ids = [...new Set(organizationIds)].sort();
  return withUser(db, userId, async (person) => {
    const visited = ids.map((organizationId) => enterable(person, organizationId));
    const inTurn = async (run: (one: Enterable) => Promise<void>) => {
      for (const one of visited) {
        await enter(person, one.tx.organizationId);
        await run(one);
      }
      await enter(person, "");
    };
    person.beforeCommit(() =>
      inTurn(async ({ hooks }) => {
        for (const hook of hooks) await hook(); // Also those that a hook adds.
      }),
    );
    return work(person, (visit) => inTurn(({ tx }) => visit(tx)));
  });
}

interface Enterable {
  tx: Tx;
  hooks: (() => Promise<void>)[];
}

/** The same transaction as one organization's: what it does before the commit has to be done inside that organization. */
function enterable(person: UserTx, organizationId: string): Enterable {
  const hooks: (() => Promise<void>)[] = [];
  const tx: Tx = {
    organizationId,
    sql: person.sql,
    get db() {
      return person.db;
    },
    beforeCommit: (hook) => hooks.push(hook),
    afterCommit: (hook) => person.afterCommit(hook),
  };
  return { tx, hooks };
}

async function enter({ sql }: UserTx, organizationId: string): Promise<void> {
  await sql`SELECT set_config('app.organization_id', ${organizationId}, true)`;
}
