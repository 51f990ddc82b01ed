import type { Role } from "@guildhall/auth/permissions";

/** Who may spend an organization's credits in a person's name, and how much. Amounts in micro-credits; null is no limit. */
export interface SpendPolicy {
  /** The roles whose holders may spend. */
  roles: readonly Role[];
  /** Whether people of assigned teams may spend who could not by a role. */
  teamsMaySpend: boolean;
  perSpendLimitMicro: bigint | null;
  /** What each team may spend in a calendar month (UTC). */
  teamMonthlyLimitMicro: bigint | null;
  /** The models that may be used; null is every one. */
  models: readonly string[] | null;
}

/** What holds for an organization that never said otherwise. */
export const defaultSpendPolicy: SpendPolicy = {
  roles: ["owner", "admin", "billing_admin", "member"],
  teamsMaySpend: true,
  perSpendLimitMicro: null,
  teamMonthlyLimitMicro: null,
  models: null,
};

/** What a person is in an organization at the moment of a charge. */
export interface SpenderFacts {
  /** Null: no member. */
  role: Role | null;
  /** Whether they are in a team that is assigned to it. */
  isInTeam: boolean;
  /** What the team that they would spend through has spent this month, in micro-credits. */
  teamSpentMicro: bigint;
}

/** Why a charge is refused; the database answers with the same words. */
export type SpendRefusal = "unknown_member" | "role" | "teams" | "per_spend_limit" | "model" | "team_limit";

/** By what right somebody spends: their role goes before their team. */
export function wayToSpend(
  { roles, teamsMaySpend }: Pick<SpendPolicy, "roles" | "teamsMaySpend">,
  { role, isInTeam }: Pick<SpenderFacts, "role" | "isInTeam">,
): "role" | "team" | { refusal: SpendRefusal } {
  if (role !== null && roles.includes(role)) return "role";
  if (isInTeam && teamsMaySpend) return "team";
  if (role !== null) return { refusal: "role" };
  return { refusal: isInTeam ? "teams" : "unknown_member" };
}

/**
 * May the person be charged this? Undefined when they may. Said before the charge, to spare the batches that it would spoil; the
 * database decides in the charge's transaction, by the same rules (admit_spends).
 */
export function findSpendRefusal(
  policy: SpendPolicy,
  spender: SpenderFacts,
  charge: { amountMicro: bigint; model: string },
): SpendRefusal | undefined {
  const way = wayToSpend(policy, spender);
  if (typeof way === "object") return way.refusal;
  const { perSpendLimitMicro, teamMonthlyLimitMicro, models } = policy;
  if (perSpendLimitMicro !== null && charge.amountMicro > perSpendLimitMicro) return "per_spend_limit";
  if (models !== null && !models.includes(charge.model)) return "model";
  const isOverTeam =
    way === "team" &&
    teamMonthlyLimitMicro !== null &&
    charge.amountMicro > 0n &&
    spender.teamSpentMicro + charge.amountMicro > teamMonthlyLimitMicro;
  return isOverTeam ? "team_limit" : undefined;
}
