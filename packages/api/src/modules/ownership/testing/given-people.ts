import { createPasswordHasher, type Role } from "@guildhall/auth";
import { withEnterprise, withOrganization } from "@guildhall/db";
import { enterpriseAdmins } from "@guildhall/db/schema";
import { isDomainError } from "@guildhall/shared";
import { givenOrganization, givenUser } from "../../../testing/given.ts";
import { givenEnterprise } from "../../../testing/given-teams.ts";
import type { OrganizationActor, Services, User } from "../../../trpc/context.ts";
import { addMember } from "../../members/index.ts";
import { lockOrganization } from "../../organizations/index.ts";
import type { Answer } from "./membership-model.ts";

/** Hashes for nothing: these people are about roles, and there are many of them. */
export const cheapPasswords = createPasswordHasher({ cost: { memoryKib: 8, passes: 1, lanes: 1 } });
export const PASSWORD = "correct horse battery";

/** People of one organization by their numbers; the first is its owner. */
export interface People {
  organizationId: string;
  actors: OrganizationActor[];
  userOf(person: number): User;
  numberOf(userId: string): number;
}

/**
 * An organization with its owner, and people who are not in it. All of them administer the enterprise, so that none is kept from
 * deleting their account for being the only one.
 */
export async function givenPeople(services: Services, count: number): Promise<People> {
  const owner = await givenOrganization(services);
  const others = await Promise.all(
    Array.from({ length: count - 1 }, (_, n) => givenUser(services.db, `Person${n + 1}`)),
  );
  const actors = [owner, ...others.map(({ id, name, email }) => ({ ...owner, userId: id, name, email }))];
  const passwordHash = await cheapPasswords.hash(PASSWORD);
  const ids = actors.map(({ userId }) => userId);
  await services.db.sql`UPDATE users SET password_hash = ${passwordHash} WHERE id = ANY (${ids}::uuid[])`;
  const { enterpriseId } = await givenEnterprise(services, owner);
  const admins = others.map(({ id: userId }) => ({ enterpriseId, userId, createdAt: new Date() }));
  await withEnterprise(services.db, enterpriseId, (tx) => tx.db.insert(enterpriseAdmins).values(admins));
  return {
    organizationId: owner.organizationId,
    actors,
    userOf(person) {
      const { userId: id, name, email } = actors[person] as OrganizationActor;
      return { id, name, email, isPlatformAdmin: false };
    },
    numberOf: (userId) => ids.indexOf(userId),
  };
}

/** Lets a person in, as the acceptance of an invite does. */
export function letIn(
  services: Services,
  people: People,
  { person, role }: { person: number; role: Role },
): Promise<boolean> {
  return withOrganization(services.db, people.organizationId, async (tx) => {
    await lockOrganization(tx);
    return addMember(tx, services, { user: people.userOf(person), role, actorId: people.userOf(0).id });
  });
}

/** What a call answered. Whatever is no refusal fails the test. */
export async function answerOf(call: Promise<unknown>): Promise<Answer> {
  try {
    await call;
    return "ok";
  } catch (error) {
    if (isDomainError(error)) return error.code;
    throw error;
  }
}
