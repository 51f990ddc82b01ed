import { createScopedToken } from "@guildhall/auth";
import { newId } from "@guildhall/shared";
import type { ChooseValue, FieldPath, SchemaDef } from "./generate-input.ts";
import type { PartyIds } from "./party.ts";

/** Fields that name something which belongs to somebody, by their last name, and which of a party's ids they take. */
const ID_FIELDS: Record<string, keyof PartyIds> = {
  organization: "organizationSlug",
  organizationId: "organizationId",
  enterprise: "enterpriseSlug",
  userId: "memberId",
  userIds: "memberId",
  memberId: "memberId",
  member: "memberId",
  actor: "memberId",
  inviteId: "inviteId",
  apiKeyId: "apiKeyId",
  teamId: "teamId",
  offerId: "offerId",
  usageId: "usageId",
  creditTypeId: "creditTypeId",
  passkeyId: "passkeyId",
  sessionId: "sessionId",
};

/** UUIDs that name nothing, and why. */
const NO_IDS: Record<string, string> = {
  "invites.list.cursor": "A place in the order of ids, looked up nowhere: it need not exist.",
};

/** What texts with a meaning are, by the last name of their field. */
const VALUES: Record<string, () => unknown> = {
  email: () => `${newId()}@example.com`,
  password: () => "one long enough to be a password",
  newPassword: () => "another that is long enough",
  slug: () => `s-${newId().slice(-12)}`,
  currency: () => "EUR",
  microPerMinorUnit: () => "1000",
  idempotencyKey: () => newId(),
  // Whoever holds a token was given it: it is no id that can be guessed, so a wrong one stands for all.
  token: () => createScopedToken("inv", newId()).token,
  amount: () => "0.01",
  role: () => "admin",
  reason: () => "Because",
  description: () => "Because",
  allowance: () => "10",
  perSpendLimit: () => "10",
  teamMonthlyLimit: () => "10",
  month: () => "2026-01",
  model: () => "plain",
  models: () => "plain",
  inputMicroPerMillion: () => "1",
  outputMicroPerMillion: () => "1",
  list: () => `${newId()}@example.com`,
};

/** The id that a field takes; undefined for a field that names nothing. */
function idOf(path: FieldPath): keyof PartyIds | undefined {
  const name = path.findLast((part) => part !== "*") ?? "";
  return Object.hasOwn(ID_FIELDS, name) ? ID_FIELDS[name] : undefined;
}

/**
 * Chooses values for a procedure's fields: ids as `idsFor` says, texts as their names say. A UUID that no table here knows is an
 * error: an id that nobody tries with another organization's is where the walls would not be tested.
 */
export function chooseValues(procedure: string, idsFor: (path: FieldPath) => PartyIds): ChooseValue {
  return (path, def) => {
    const name = path.findLast((part) => part !== "*");
    if (name === undefined || isContainer(def)) return undefined;
    // Credits are added by an amount or by what was paid for them, never by both: the amount stands for the two.
    if (path[0] === "paid") return undefined;
    const id = idOf(path);
    if (id) return idsFor(path)[id];
    if ((def.format === "uuid" || def.format === "guid") && !(`${procedure}.${path.join(".")}` in NO_IDS)) {
      throw new Error(`${procedure} takes an id as ${path.join(".")}: say in ID_FIELDS whose it is.`);
    }
    return Object.hasOwn(VALUES, name) && isText(def) ? VALUES[name]?.() : undefined;
  };
}

const isContainer = ({ type }: SchemaDef) => ["object", "array", "union", "record"].includes(type);
const isText = ({ type }: SchemaDef) => ["string", "pipe", "enum"].includes(type);
