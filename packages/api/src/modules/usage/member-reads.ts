import { type Database, withOrganization } from "@guildhall/db";
import { members, users } from "@guildhall/db/schema";
import { isUuid } from "@guildhall/shared";
import { and, eq, inArray, or } from "drizzle-orm";
import { BatchedReads } from "../../batched-reads.ts";

/** For whom an agent worked. */
export interface UsageMember {
  id: string;
  name: string;
}

/** Makes the look-up of members by e-mail or id, inside one organization: nobody else can be named. */
export function createMemberReads(db: Database): BatchedReads<UsageMember> {
  return new BatchedReads({ readMany: (organizationId, named) => readMembers(db, organizationId, named) });
}

async function readMembers(db: Database, organizationId: string, named: string[]): Promise<Map<string, UsageMember>> {
  const rows = await withOrganization(db, organizationId, (tx) =>
    tx.db
      .select({ id: users.id, name: users.name, email: users.email })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(
        and(
          eq(members.organizationId, organizationId),
          or(inArray(users.email, named), inArray(users.id, named.filter(isUuid))),
        ),
      ),
  );
  return new Map(
    rows.flatMap(
      ({ id, name, email }) =>
        [
          [id, { id, name }],
          [email, { id, name }],
        ] as const,
    ),
  );
}
