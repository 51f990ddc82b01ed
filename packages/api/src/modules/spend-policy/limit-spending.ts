import { roles as allRoles, rolesWith } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { modelPrices, spendPolicies, teamMembers, teams } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, inArray } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs, wakeRoster } from "../organizations/index.ts";
import { readSpendPolicy, toWirePolicy } from "./spend-policy.queries.ts";
import type { SpendPolicy } from "./spend-policy.ts";

/**
 * Says who may spend the organization's credits, and how much. Holds from the next charge on: charges under way are waited for,
 * since the statement takes the wallet's lock. Locks the organization, then the wallet. The same policy again announces nothing.
 * @throws not_found, forbidden, invalid_input (a model without a price)
 */
export async function limitSpending(services: Services, actor: OrganizationActor, input: SpendPolicy): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    const organization = await lockOrganizationAs(tx, actor, "spend_policy.change");
    const before = toWirePolicy(await readSpendPolicy(tx));
    const after = toWirePolicy(inOrder(input));
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    await assertModelsExist(tx, input.models ?? []);
    await upsert(tx, inOrder(input), services.clock.now());
    recordAudit(tx, services, {
      actor,
      action: "spend_policy.changed",
      subject: { kind: "organization", id: tx.organizationId, label: organization.name },
      before,
      after,
    });
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("spend_policy.read"),
      event: { type: "spend_policy.changed", payload: after },
    });
    await wakeSpenders(tx, services);
  });
}

/** After the commit, tells everybody whose right to spend may be another one now. */
async function wakeSpenders(tx: Tx, services: Services): Promise<void> {
  await wakeRoster(tx, services);
  const people = await tx.db
    .selectDistinct({ userId: teamMembers.userId })
    .from(teamMembers)
    .innerJoin(teams, and(eq(teams.enterpriseId, teamMembers.enterpriseId), eq(teams.id, teamMembers.teamId)))
    .where(eq(teams.organizationId, tx.organizationId));
  tx.afterCommit(() => {
    for (const { userId } of people) services.bus.touchPerson(userId);
  });
}

/** Each role and model once, in one order: policies that say the same are the same. */
function inOrder({ roles, models, ...rest }: SpendPolicy): SpendPolicy {
  return {
    ...rest,
    roles: allRoles.filter((role) => roles.includes(role)),
    models: models && [...new Set(models)].sort(),
  };
}

async function upsert(tx: Tx, { roles, models, ...policy }: SpendPolicy, updatedAt: Date): Promise<void> {
  const values = { ...policy, roles: [...roles], models: models && [...models], updatedAt };
  await tx.db
    .insert(spendPolicies)
    .values({ organizationId: tx.organizationId, ...values })
    .onConflictDoUpdate({ target: spendPolicies.organizationId, set: values });
}

/** A misspelt model would allow nothing, and say so to nobody. */
async function assertModelsExist(tx: Tx, models: readonly string[]): Promise<void> {
  if (models.length === 0) return;
  const known = await tx.db
    .selectDistinct({ model: modelPrices.model })
    .from(modelPrices)
    .where(inArray(modelPrices.model, [...models]));
  const unknown = models.find((model) => !known.some((row) => row.model === model));
  if (unknown === undefined) return;
  throw new DomainError("invalid_input", { field: "models" }, `There is no price for the model "${unknown}".`);
}
