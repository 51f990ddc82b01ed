import type { Role } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { members, users } from "@guildhall/db/schema";
import { and, count, eq, inArray } from "drizzle-orm";
import type { RosterFacts } from "./role-policy.ts";

/** A person of the roster, as far as verbs need to know them. */
export interface RosterEntry {
  userId: string;
  name: string;
  email: string;
  role: Role;
  joinedAt: Date;
}

/**
 * The part of a roster that one verb is about, as it stood when it was read. Call it under the organization's lock, else it is
 * already history. Follows along as the verb decides for one person after the other.
 */
export class RosterPart {
  private readonly entries: Map<string, RosterEntry>;
  private ownerCount: number;

  constructor(entries: RosterEntry[], ownerCount: number) {
    this.entries = new Map(entries.map((entry) => [entry.userId, entry]));
    this.ownerCount = ownerCount;
  }

  /** The person as they stand after what was decided so far; undefined when they are no member. */
  find(userId: string): RosterEntry | undefined {
    return this.entries.get(userId);
  }

  /** What a decision about one member needs to know. */
  factsAbout(actorId: string, targetId: string): RosterFacts {
    return {
      actorRole: this.find(actorId)?.role,
      targetRole: this.find(targetId)?.role,
      ownerCount: this.ownerCount,
    };
  }

  /** Notes that a person has another role from here on; undefined: is no member any more. */
  move(userId: string, role: Role | undefined): void {
    const entry = this.entries.get(userId);
    if (!entry) return;
    if (entry.role === "owner") this.ownerCount -= 1;
    if (role === "owner") this.ownerCount += 1;
    if (role) this.entries.set(userId, { ...entry, role });
    else this.entries.delete(userId);
  }
}

/** Reads these people of the transaction's roster, and how many owners there are. Those who are no members are left out. */
export async function readRosterPart(tx: Tx, userIds: readonly string[]): Promise<RosterPart> {
  const [owners] = await tx.db
    .select({ count: count() })
    .from(members)
    .where(and(eq(members.organizationId, tx.organizationId), eq(members.role, "owner")));
  const entries = await tx.db
    .select({
      userId: users.id,
      name: users.name,
      email: users.email,
      role: members.role,
      joinedAt: members.createdAt,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, tx.organizationId), inArray(members.userId, [...new Set(userIds)])));
  return new RosterPart(entries, owners?.count ?? 0);
}

/** The role of a person in the transaction's organization; undefined for a stranger. */
export async function readRole(tx: Tx, userId: string): Promise<Role | undefined> {
  const [row] = await tx.db
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.organizationId, tx.organizationId), eq(members.userId, userId)));
  return row?.role;
}
