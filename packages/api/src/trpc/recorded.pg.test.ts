import { useDatabase } from "@guildhall/db/testing";
import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServices } from "../server.ts";
import { generateInputs, type Schema } from "../testing/authorization/generate-input.ts";
import { chooseValues } from "../testing/authorization/input-values.ts";
import { checksumOf, givenParty, type Party } from "../testing/authorization/party.ts";
import { callingAs } from "../testing/calling.ts";
import { givenServices } from "../testing/given.ts";
import { appRouter } from "./app.router.ts";
import type { ProcedureMeta } from "./base-procedure.ts";

/*
 * Made of the router itself: every procedure that changes something is called, and what it changed must stand in an audit log. A new one
 * is in here without a line, unless it cannot be carried out by an owner just so.
 */

const NEEDS_PROOF = "asks for a password, a code or a passkey; tested beside it";
const NEEDS_ANOTHER = "is for somebody else than the owner; tested beside it";
const NEEDS_STATE = "needs another state than a new organization's; tested beside it";

/** What this test cannot carry out, and why. */
const REFUSED_HERE: Record<string, string> = {
  "security.changePassword": NEEDS_PROOF,
  "security.confirmByPassword": NEEDS_PROOF,
  "security.confirmByCode": NEEDS_PROOF,
  "security.confirmByPasskey": NEEDS_PROOF,
  "secondFactor.beginTotp": NEEDS_PROOF,
  "secondFactor.addTotp": NEEDS_PROOF,
  "secondFactor.removeTotp": NEEDS_PROOF,
  "secondFactor.beginPasskey": NEEDS_PROOF,
  "secondFactor.addPasskey": NEEDS_PROOF,
  "secondFactor.renamePasskey": NEEDS_ANOTHER,
  "secondFactor.removePasskey": NEEDS_PROOF,
  "secondFactor.renewRecoveryCodes": NEEDS_PROOF,
  "organizations.requireSecondFactor": NEEDS_PROOF,
  "email.requestChange": NEEDS_PROOF,
  "account.delete": NEEDS_PROOF,
  "members.leave": NEEDS_ANOTHER,
  "ownership.accept": NEEDS_ANOTHER,
  "ownership.decline": NEEDS_ANOTHER,
  "invites.accept": NEEDS_ANOTHER,
  "invites.decline": NEEDS_ANOTHER,
  "invites.acceptReceived": NEEDS_ANOTHER,
  "invites.declineReceived": NEEDS_ANOTHER,
  "organizations.completeSetup": NEEDS_STATE,
  "ownership.offer": NEEDS_STATE,
  "teams.delete": NEEDS_STATE,
  "teams.addMember": NEEDS_STATE,
  "enterprises.addAdmin": NEEDS_STATE,
  "transfers.create": NEEDS_STATE,
  "admin.changeSlug": NEEDS_STATE,
  "admin.resetSecondFactor": NEEDS_PROOF,
};

/** Tables that are not what people change: the logs themselves, and what stands for a moment. */
const BESIDE =
  /^(audit|live)\.|^(sessions|identity_tokens|passkey_challenges|pending_sign_ins|totp_setups|factor_attempts)$/;

interface Mutation {
  path: string;
  access: ProcedureMeta["access"];
  schemas: Schema[];
}

interface Definition {
  type: string;
  meta: ProcedureMeta;
  inputs?: Schema[];
}

const mutations: Mutation[] = Object.entries(appRouter._def.procedures).flatMap(([path, procedure]) => {
  const { type, meta, inputs } = (procedure as unknown as { _def: Definition })._def;
  return type === "mutation" && meta.access !== "public" ? [{ path, access: meta.access, schemas: inputs ?? [] }] : [];
});

const database = useDatabase();
let services: RunningServices;

beforeAll(() => {
  services = givenServices(database.db);
});

afterAll(() => services.stop());

/** Carries it out as the owner, who is a platform admin where only those may. Undefined when it was done. */
async function refusalOf({ path, access, schemas }: Mutation, { people, ids }: Party): Promise<string | undefined> {
  const [input] = generateInputs(
    schemas,
    chooseValues(path, () => ids),
  );
  let target: unknown = callingAs(services, { ...people.owner, isPlatformAdmin: access === "platform_admin" });
  for (const name of path.split(".")) target = (target as Record<string, unknown>)[name];
  try {
    await (target as (input: unknown) => Promise<unknown>)(input);
    return undefined;
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

async function readState(party: Party) {
  const { superuserDb } = database;
  const rows = Object.entries(await checksumOf(superuserDb, party)).filter(([table]) => !BESIDE.test(table));
  const [log] = await superuserDb.sql<
    { entries: bigint }[]
  >`SELECT coalesce(sum(sequence), 0)::bigint AS entries FROM audit.heads`;
  return { rows: Object.fromEntries(rows), entries: log?.entries ?? 0n };
}

describe.each(mutations)("$path", (mutation) => {
  test("what it changes stands in an audit log", async () => {
    const party = await givenParty(services, database.superuserDb);
    const before = await readState(party);
    const refusal = await refusalOf(mutation, party);
    const after = await readState(party);
    const isExpected = mutation.path in REFUSED_HERE;
    expect(refusal === undefined || isExpected, `${refusal}: see REFUSED_HERE`).toBe(true);
    const changed = Object.keys(after.rows).filter((table) => after.rows[table] !== before.rows[table]);
    if (changed.length > 0) expect(after.entries, `${changed} changed`).toBeGreaterThan(before.entries);
    // What belongs to the platform is in no party's rows.
    else if (mutation.access !== "platform_admin") expect(after.entries, "nothing changed").toBe(before.entries);
  });
});

test("nothing is excused that is not there", () => {
  const paths = mutations.map(({ path }) => path);
  expect(Object.keys(REFUSED_HERE).filter((path) => !paths.includes(path))).toEqual([]);
});
