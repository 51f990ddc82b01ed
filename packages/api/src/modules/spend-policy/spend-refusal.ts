import { DomainError } from "@guildhall/shared";
import type { SpendRefusal } from "./spend-policy.ts";

const MANAGER = "A billing manager of the organization can change its spend policy.";

const messages: Record<Exclude<SpendRefusal, "unknown_member" | "role">, string> = {
  teams: `Spend policy: teams may not spend this organization's credits. ${MANAGER}`,
  per_spend_limit: `Spend policy: this costs more than the limit for one charge. ${MANAGER}`,
  model: `Spend policy: this model may not be used on the organization's credits. ${MANAGER}`,
  team_limit: `Spend policy: the team has used up what it may spend this month. ${MANAGER}`,
};

/**
 * The refusal as people and programs read it (S2.19): the code says whether it is the role (role_cannot_spend) or the spend policy
 * (spend_policy_refused, with the rule in `details`); the wallet's balance and the allowance have codes of their own.
 */
export function toSpendError(refusal: SpendRefusal, member: string): DomainError {
  switch (refusal) {
    case "unknown_member":
      return new DomainError(
        "unknown_member",
        { member },
        `"${member}" is no member of this organization, and in none of its teams.`,
      );
    case "role":
      return new DomainError("role_cannot_spend", { member });
    default:
      return new DomainError("spend_policy_refused", { member, rule: refusal }, messages[refusal]);
  }
}
