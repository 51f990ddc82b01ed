import { can, type Permission, permissions, type Role, roles } from "@guildhall/auth";
import { useDatabase } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeMember } from "../modules/members/remove-member.ts";
import type { RunningServices } from "../server.ts";
import { type FieldPath, generateInputs, type Schema } from "../testing/authorization/generate-input.ts";
import { chooseValues } from "../testing/authorization/input-values.ts";
import { checksumOf, givenParty, missingIds, type Party, type PartyIds } from "../testing/authorization/party.ts";
import { callingAs } from "../testing/calling.ts";
import { givenMember, givenServices, givenUser } from "../testing/given.ts";
import { appRouter } from "./app.router.ts";
import type { ProcedureMeta } from "./base-procedure.ts";
import type { User } from "./context.ts";
import { describeError, publicMessage } from "./error-mapping.ts";

/*
 * Made of the router itself: a new procedure is in here without a line. It is called by everybody there is, on an organization with one
 * of everything, and again with every id that it takes replaced by that organization's and by one that does not exist.
 */

type Access = ProcedureMeta["access"];

interface Procedure {
  path: string;
  type: "query" | "mutation" | "subscription";
  access: Access;
  schemas: Schema[];
}

const procedures: Procedure[] = Object.entries(appRouter._def.procedures).map(([path, procedure]) => {
  const { type, meta, inputs } = (procedure as unknown as { _def: Omit<Procedure, "path"> & Definition })._def;
  return { path, type, access: meta.access, schemas: inputs ?? [] };
});

interface Definition {
  meta: ProcedureMeta;
  inputs?: Schema[];
}

/** Fields whose foreign value may be answered otherwise than a nonexistent one, and why that gives nothing away. */
const TOLD_APART: Record<string, string> = {};

/** Who calls. Strangers are no members of the organization, whatever else they are. */
interface Cast {
  members: Record<Role, User>;
  strangers: Record<"unverified" | "formerMember" | "ownerOfAnother" | "enterpriseAdmin" | "platformAdmin", User>;
}

const database = useDatabase();
let services: RunningServices;
/** The organization that is called upon, and that of the stranger who owns another. */
let ours: Party;
let another: Party;
let cast: Cast;

beforeAll(async () => {
  services = givenServices(database.db);
  ours = await givenParty(services, database.superuserDb);
  another = await givenParty(services, database.superuserDb);
  cast = { members: ours.people, strangers: await givenStrangers() };
}, 300_000);

afterAll(() => services.stop());

async function givenStrangers(): Promise<Cast["strangers"]> {
  const { people, ids } = ours;
  const owner = {
    ...people.owner,
    userId: people.owner.id,
    organizationId: ids.organizationId,
    slug: ids.organizationSlug,
  };
  const actor = { ...owner, role: "owner" as const, status: "active" as const };
  const former = await givenMember(services, actor, "admin");
  await removeMember(services, actor, { userId: former.userId });
  const [unverified, enterpriseAdmin, platformAdmin] = [
    await givenUser(database.db, "Una"),
    await givenUser(database.db, "Enid"),
    await givenUser(database.db, "Pat"),
  ];
  await database.superuserDb.sql`
    UPDATE users SET email_verified_at = now() WHERE id <> ${unverified.id}`;
  await database.superuserDb.sql`UPDATE users SET is_platform_admin = true WHERE id = ${platformAdmin.id}`;
  await database.superuserDb.sql`
    INSERT INTO enterprise_admins (enterprise_id, user_id, created_at) VALUES (${ids.enterpriseId}, ${enterpriseAdmin.id}, now())`;
  const formerMember = { ...people.admin, id: former.userId, name: former.name, email: former.email };
  const strangers = { unverified, formerMember, ownerOfAnother: another.people.owner, enterpriseAdmin };
  return { ...strangers, platformAdmin: { ...platformAdmin, isPlatformAdmin: true } };
}

/** What has come of a call, as the caller sees it. */
type Outcome = { ok: unknown } | Refusal;
interface Refusal {
  code: string;
  message: string;
  data: ReturnType<typeof describeError>;
}

type Call = (input: unknown) => Promise<unknown>;

async function call(user: User | null, path: string, input: unknown): Promise<Outcome> {
  let target: unknown = callingAs(services, user);
  for (const name of path.split(".")) target = (target as Record<string, unknown>)[name];
  try {
    return { ok: await (target as Call)(input) };
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    const refusal = { code: error.code, message: publicMessage(error), data: describeError(error, null) };
    // A defect is no refusal: nothing was decided.
    expect(refusal.code, `${path} ${JSON.stringify(input)}: ${error.stack}`).not.toBe("INTERNAL_SERVER_ERROR");
    return refusal;
  }
}

/** Inputs whose ids are those that `idsFor` says, one per way through the procedure's unions. */
function inputsOf({ path, schemas }: Procedure, idsFor: (path: FieldPath) => PartyIds): Record<string, unknown>[] {
  return generateInputs(schemas, chooseValues(path, idsFor));
}

/** The ids that a procedure takes, by the names that lead to them. */
function idPathsOf(procedure: Procedure): string[] {
  const found = new Set<string>();
  inputsOf(procedure, (path) => {
    found.add(path.join("."));
    return another.ids;
  });
  return [...found];
}

const isPermission = (access: Access): access is Permission => Object.hasOwn(permissions, access);

test("every procedure declares who may call it", () => {
  const known = ["public", "signed_in", "enterprise_admin", "platform_admin", ...Object.keys(permissions)];
  expect(procedures.filter(({ access }) => !known.includes(access)).map(({ path }) => path)).toEqual([]);
  expect(procedures.length).toBeGreaterThan(50);
});

describe.each(procedures)("$path ($access)", (procedure) => {
  test("lets in those whom it declares, refuses everybody else, and changes nothing for them", async () => {
    const before = await checksumOf(database.superuserDb, ours);
    const inputs = inputsOf(procedure, () => ours.ids);
    for (const input of inputs) {
      await expectAnonymousRefused(procedure, input);
      await expectStrangersRefused(procedure, input);
      await expectMembersAsDeclared(procedure, input);
    }
    expect(await checksumOf(database.superuserDb, ours)).toEqual(before);
  });

  test("answers another organization's ids as those of nothing, and leaves that organization as it is", async () => {
    const before = await checksumOf(database.superuserDb, ours);
    const missing = missingIds();
    for (const replaced of replacementsOf(procedure)) {
      const [theirs, nothing] = [ours.ids, missing].map((ids) =>
        inputsOf(procedure, (path) => (replaced.has(path.join(".")) ? ids : another.ids)),
      );
      for (const [way, input] of (theirs ?? []).entries()) {
        // The ways through a union do not all take the id.
        if (!Object.values(ours.ids).some((id) => JSON.stringify(input).includes(`"${id}"`))) continue;
        if ([...replaced].some((path) => `${procedure.path}.${path}` in TOLD_APART)) continue;
        for (const user of outsidersFor(procedure.access)) {
          const foreign = await call(user, procedure.path, input);
          const nonexistent = await call(user, procedure.path, nothing?.[way]);
          const what = `${user?.name ?? "nobody"}: ${[...replaced].join(" and ")}`;
          expect(blind(foreign, ours.ids), what).toEqual(blind(nonexistent, missing));
        }
      }
    }
    expect(await checksumOf(database.superuserDb, ours)).toEqual(before);
  });
});

/** Everybody to whom the organization is another one: in every role there, and in none. */
function outsidersFor(access: Access): (User | null)[] {
  const people = new Set([...Object.values(another.people), ...Object.values(cast.strangers)]);
  // Without a door of its own a procedure knows whose enterprise an id is of: its admin makes organizations with its credit types.
  if (access === "signed_in") people.delete(cast.strangers.enterpriseAdmin);
  return [null, ...[...people].filter((user) => !isLetIn(access, user))];
}

/** Each id by itself, and all at once but for the one that opens the door. */
function replacementsOf(procedure: Procedure): Set<string>[] {
  const paths = idPathsOf(procedure);
  const inside = paths.filter((path) => path !== "organization" && path !== "enterprise");
  return [...paths.map((path) => new Set([path])), ...(inside.length > 1 ? [new Set(inside)] : [])];
}

/** An outcome without the ids that were asked for: an answer may repeat them. */
function blind(outcome: Outcome, ids: PartyIds): unknown {
  let text = JSON.stringify(outcome, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)) ?? "";
  for (const id of Object.values(ids)) text = text.replaceAll(id, "«id»");
  return JSON.parse(text);
}

async function expectAnonymousRefused({ path, access }: Procedure, input: unknown): Promise<void> {
  const outcome = await call(null, path, input);
  if (access !== "public")
    expect(outcome).toMatchObject({ code: "UNAUTHORIZED", data: { domainCode: "unauthenticated" } });
}

async function expectStrangersRefused({ path, access }: Procedure, input: Record<string, unknown>): Promise<void> {
  if (access === "public" || access === "signed_in") return;
  const missing = missingIds();
  const elsewhere = {
    ...input,
    ...("organization" in input && { organization: missing.organizationSlug }),
    ...("enterprise" in input && { enterprise: missing.enterpriseSlug }),
  };
  for (const [name, user] of Object.entries({ ...cast.strangers, ...(isPermission(access) ? {} : cast.members) })) {
    if (isLetIn(access, user)) continue;
    const refused = await call(user, path, input);
    expect(refused, name).toMatchObject({ code: "NOT_FOUND", data: { domainCode: "not_found", details: {} } });
    expect(refused, name).toEqual(await call(user, path, elsewhere));
  }
}

/** Who stands above organizations: the maker of an organization is the first admin of its enterprise. */
function isLetIn(access: Access, user: User): boolean {
  if (access === "platform_admin") return user === cast.strangers.platformAdmin;
  return access === "enterprise_admin" && [cast.strangers.enterpriseAdmin, cast.members.owner].includes(user);
}

async function expectMembersAsDeclared(procedure: Procedure, input: Record<string, unknown>): Promise<void> {
  const { path, access } = procedure;
  if (isPermission(access)) {
    for (const role of roles) {
      const user = cast.members[role];
      if (can(role, access)) await expectLetIn(procedure, user, input);
      else
        expect(await call(user, path, input), role).toMatchObject({ code: "FORBIDDEN", data: { details: { role } } });
    }
  }
  for (const user of Object.values({ ...cast.members, ...cast.strangers })) {
    if (isLetIn(access, user)) await expectLetIn(procedure, user, input);
  }
}

/**
 * Says that somebody passes the door. Where there is more to be said than at which door, it is said wrongly: only who stands behind the
 * door is told so, and nothing happens. What takes nothing more is read, or done to an organization of its own.
 */
async function expectLetIn({ path, type }: Procedure, user: User, input: Record<string, unknown>): Promise<void> {
  const more = Object.keys(input).filter((name) => name !== "organization" && name !== "enterprise");
  const wrong = Object.fromEntries(more.map((name) => [name, { not: ["what", newId()] }]));
  if (more.length > 0) {
    const outcome = await call(user, path, { ...input, ...wrong });
    expect(outcome, user.name).toMatchObject({ code: "BAD_REQUEST", data: { domainCode: "invalid_input" } });
  } else if (type !== "mutation") {
    expect(await call(user, path, input), user.name).toHaveProperty("ok");
  } else {
    await expectDoneElsewhere(path, user);
  }
}

/** Does it to an organization of the test's own, in the same role. */
async function expectDoneElsewhere(path: string, user: User): Promise<void> {
  const role = roles.find((one) => cast.members[one] === user);
  const { people, ids } = await givenParty(services, database.superuserDb);
  const outcome = await call(role ? people[role] : user, path, { organization: ids.organizationSlug });
  if (!("ok" in outcome)) expect(["NOT_FOUND", "FORBIDDEN", "UNAUTHORIZED"]).not.toContain(outcome.code);
}
