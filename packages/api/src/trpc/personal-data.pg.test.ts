import { randomBytes } from "node:crypto";
import { permissions } from "@guildhall/auth";
import { type Database, type TransactionScope, withOrganization, withUser } from "@guildhall/db";
import { auditEntries, identityTokens, passkeys, users } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { expect, onTestFinished } from "vitest";
import { callingAs } from "../testing/calling.ts";
import { givenMember, givenOrganization, givenServices, readLog } from "../testing/given.ts";
import { givenEnterprise, givenTeam, proveAddress } from "../testing/given-teams.ts";
import type { OrganizationActor, Services, User } from "../trpc/context.ts";
import { appRouter } from "./app.router.ts";
import type { ProcedureMeta } from "./init.ts";

/** What is Alan's and nobody else's (S2.3). Each text is so odd that finding it anywhere means that it got out. */
const PRIVATE = {
  sessionAddress: "198.51.100.77",
  sessionAgent: "PrivateBrowser/7.7",
  verifiedAt: "2001-02-03",
  signedUpAt: "1999-12-31",
  passwordHash: "hash-that-is-his",
  coming: "alan-coming@private.example",
  passkey: "His key at home",
  club: "His Secret Club",
  courting: "Courting Him Inc",
  balanceMicro: "300000033",
} as const;

/** Queries that need to be told more than whose organization or enterprise it is. A new one that does, needs a line here. */
const MORE: Record<string, (given: Given) => object> = {
  "invites.checkList": ({ alan }) => ({ list: alan.email, role: "member" }),
  "teams.people": ({ teamId }) => ({ teamId }),
  "teams.get": ({ teamId }) => ({ teamId }),
  "wallets.statement": () => ({ month: new Date().toISOString().slice(0, 7) }),
  "members.list": ({ alan }) => ({ search: alan.email }),
};

interface Given {
  services: Services;
  owner: OrganizationActor;
  alan: User;
  teamId: string;
  enterprise: string;
}

const userOf = ({ userId: id, name, email }: OrganizationActor): User => ({ id, name, email, isPlatformAdmin: false });

/** An organization and its enterprise, whose owner and admin is one person, with Alan in it and in a team. */
async function given(db: Database): Promise<Given> {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  const enterprise = await givenEnterprise(services, owner);
  const { teamId } = await givenTeam(services, enterprise);
  const mine = callingAs(services, userOf(owner));
  await proveAddress(services, member);
  await mine.teams.addMember({ enterprise: enterprise.slug, teamId, email: member.email });
  await mine.teams.assign({ organization: owner.slug, teamId });
  return { services, owner, alan: userOf(member), teamId, enterprise: enterprise.slug };
}

/** Gives Alan everything that is private about a person. */
async function giveHisOwn({ services, alan }: Given): Promise<void> {
  const { db } = services;
  await services.sessions.create(alan.id, { address: PRIVATE.sessionAddress, userAgent: PRIVATE.sessionAgent });
  const his = callingAs(services, alan);
  await his.profile.rename({ name: `${alan.name} Turing` });
  const at = (day: string) => new Date(`${day}T04:05:06Z`);
  await db.drizzle
    .update(users)
    .set({
      ...{ passwordHash: PRIVATE.passwordHash },
      ...{ emailVerifiedAt: at(PRIVATE.verifiedAt), createdAt: at(PRIVATE.signedUpAt) },
    })
    .where(eq(users.id, alan.id));
  const soon = new Date(Date.now() + 3_600_000);
  await db.drizzle.insert(identityTokens).values({
    ...{ tokenHash: randomBytes(32), userId: alan.id, purpose: "change_email", email: PRIVATE.coming },
    ...{ createdAt: new Date(), expiresAt: soon },
  });
  await db.drizzle.insert(passkeys).values({
    ...{ id: newId(), userId: alan.id, credentialId: newId(), publicKey: Buffer.alloc(8), counter: 0, transports: [] },
    ...{ isSynced: false, name: PRIVATE.passkey, createdAt: new Date() },
  });
  const club = await his.organizations.create({ name: PRIVATE.club, idempotencyKey: newId() });
  const inClub = () => ({ organization: club.slug, idempotencyKey: newId() });
  await his.wallets.addCredits({ ...inClub(), amount: "1000" });
  await his.transfers.create({ ...inClub(), to: { memberId: alan.id }, amount: "300.000033", reason: "Mine" });
  const courting = await givenOrganization(services, PRIVATE.courting);
  const theirs = callingAs(services, userOf(courting));
  await theirs.invites.create({ organization: courting.slug, email: alan.email, role: "member" });
}

/** Every procedure that reads, by what it asks of its caller. */
function readsOf(isAsked: (access: ProcedureMeta["access"]) => boolean): string[] {
  const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>);
  return procedures
    .filter(([, { _def }]) => _def.type === "query" && _def.meta !== undefined && isAsked(_def.meta.access))
    .map(([path]) => path);
}

type Procedure = { _def: { type: string; meta?: ProcedureMeta } };
type Read = (input: object) => Promise<unknown>;

function readAs({ services, owner, enterprise }: Given, user: User, path: string, more: object): Promise<unknown> {
  const [module = "", name = ""] = path.split(".");
  const caller = callingAs(services, user) as unknown as Record<string, Record<string, Read>>;
  const read = caller[module]?.[name];
  if (!read) throw new Error(`There is no ${path}.`);
  return read({ organization: owner.slug, enterprise, ...more });
}

const toText = (told: unknown) =>
  JSON.stringify(told, (_, value) => (typeof value === "bigint" ? String(value) : value)) ?? "";
const found = (told: unknown) => Object.entries(PRIVATE).filter(([, text]) => toText(told).includes(text));

pgTest("S2.3 nothing that an organization or its enterprise can read holds what is a member's own", async ({ db }) => {
  const all = await given(db);
  await giveHisOwn(all);
  const paths = readsOf((access) => access in permissions || access === "enterprise_admin");
  expect(paths.length).toBeGreaterThan(20);
  const told: Record<string, unknown> = {};
  for (const path of paths) told[path] = await readAs(all, userOf(all.owner), path, MORE[path]?.(all) ?? {});
  expect(Object.entries(told).flatMap(([path, answer]) => found(answer).map(([what]) => `${path}: ${what}`))).toEqual(
    [],
  );
  // That he is in it is the organization's to know.
  expect(toText(told["members.list"])).toContain(all.alan.email);
  expect(toText(told["teams.people"])).toContain(all.alan.name);

  const { organizationId } = all.owner;
  const log = await readLog(db, organizationId);
  const audit = await withOrganization(db, organizationId, (tx) => tx.db.select().from(auditEntries));
  expect([...found(log), ...found(audit)]).toEqual([]);
});

pgTest("S2.3 all of it is there for himself: the test above looks for what exists", async ({ db }) => {
  const all = await given(db);
  await giveHisOwn(all);
  const told: unknown[] = [];
  for (const path of readsOf((access) => access === "signed_in")) {
    if (path === "organizations.suggestSlug") continue;
    told.push(await readAs(all, all.alan, path, {}));
  }
  // Not even he is told these as they are stored.
  const secrets = ["sessionAgent", "passwordHash", "verifiedAt", "signedUpAt"];
  const seen = found(told).map(([what]) => what);
  expect(seen.sort()).toEqual(
    Object.keys(PRIVATE)
      .filter((what) => !secrets.includes(what))
      .sort(),
  );
});

pgTest(
  "S2.3 the database keeps his wallet and his own audit log from the organization's transactions",
  async ({ db }) => {
    const all = await given(db);
    await giveHisOwn(all);
    const { alan, owner } = all;
    const look = async ({ sql }: TransactionScope) => ({
      books: (await sql`SELECT 1 FROM ledger.books WHERE book_id = ${alan.id}`).length > 0,
      postings: (await sql`SELECT 1 FROM ledger.postings WHERE book_id = ${alan.id}`).length > 0,
      audit: (await sql`SELECT 1 FROM audit.entries WHERE scope_id = ${alan.id}`).length > 0,
    });
    const nothing = { books: false, postings: false, audit: false };
    expect(await withOrganization(db, owner.organizationId, look)).toEqual(nothing);
    expect(await withUser(db, alan.id, look)).toEqual({ books: true, postings: true, audit: true });
  },
);
