import { withOrganization } from "@guildhall/db";
import { enterprises, modelPrices, organizations, users } from "@guildhall/db/schema";
import { newId } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { EnterpriseActor } from "../modules/enterprises/index.ts";
import { addTeamMember, createTeam } from "../modules/teams/index.ts";
import { createRecordUsage } from "../modules/usage/index.ts";
import { addCredits } from "../modules/wallets/index.ts";
import type { OrganizationActor, Services, User } from "../trpc/context.ts";
import { givenUser } from "./given.ts";

/** The enterprise of an organization, as seen by whoever made both. */
export async function givenEnterprise(services: Services, owner: OrganizationActor): Promise<EnterpriseActor> {
  const [row] = await withOrganization(services.db, owner.organizationId, (tx) =>
    tx.db
      .select({ enterpriseId: enterprises.id, name: enterprises.name, slug: enterprises.slug })
      .from(organizations)
      .innerJoin(enterprises, eq(enterprises.id, organizations.enterpriseId))
      .where(eq(organizations.id, owner.organizationId)),
  );
  if (!row) throw new RangeError("The organization has no enterprise.");
  return { ...row, userId: owner.userId };
}

/** As if the person had opened the link that was mailed to them. */
export async function proveAddress({ db }: Services, { email }: { email: string }): Promise<void> {
  await db.drizzle.update(users).set({ emailVerifiedAt: new Date() }).where(eq(users.email, email));
}

/** A team with one new person in it, assigned to nobody. */
export async function givenTeam(
  services: Services,
  enterprise: EnterpriseActor,
  name = `Team ${newId().slice(-12)}`,
): Promise<{ teamId: string; name: string; person: User }> {
  const { teamId } = await createTeam(services, enterprise, { name, idempotencyKey: newId() });
  const person = await givenUser(services.db, "Tess");
  await proveAddress(services, person);
  await addTeamMember(services, enterprise, { teamId, email: person.email });
  return { teamId, name, person };
}

/** Credits in the wallet, and models at one micro-credit per token: "plain" and "fancy". */
export async function givenCredits(
  services: Services,
  owner: OrganizationActor,
  amountMicro = 1_000_000n,
): Promise<void> {
  const price = { effectiveFrom: new Date(0), inputMicroPerMillion: 1_000_000n, outputMicroPerMillion: 0n };
  await services.db.drizzle
    .insert(modelPrices)
    .values(["plain", "fancy"].map((model) => ({ model, ...price })))
    .onConflictDoNothing();
  await addCredits(services, owner, { amountMicro, idempotencyKey: newId() });
}

/** What charges an organization for uses in somebody's name: so many micro-credits each. */
export function spenderOf(services: Services, { organizationId }: OrganizationActor) {
  const recordUsage = createRecordUsage(services);
  return (member: Pick<User, "email"> | undefined, amountMicro: number, model = "plain") =>
    recordUsage(
      { organizationId, status: "active", apiKeyId: null },
      {
        ...{ agent: "a", model, inputTokens: amountMicro, outputTokens: 0, idempotencyKey: newId() },
        ...(member && { member: member.email }),
      },
    );
}
