import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  addMember,
  createApiKey,
  createOrganization,
  lockOrganization,
  type OrganizationActor,
  type Services,
  type User,
} from "@guildhall/api/server";
import { allApiKeyScopes } from "@guildhall/auth";
import { type Database, withEnterprise, withOrganization } from "@guildhall/db";
import { enterpriseAdmins, enterprises, teamMembers, teams, users } from "@guildhall/db/schema";
import { DAY_MS } from "@guildhall/shared";
import {
  organizations as cast,
  DEMO_PASSWORD,
  ENTERPRISE_NAME,
  emailOf,
  type PersonKey,
  people,
  unassignedTeams,
} from "./demo-cast.ts";
import { demoId } from "./demo-id.ts";
import { sendDemoInvites } from "./send-demo-invites.ts";
import { ensurePrices, writeHistory, writeTeamUses } from "./write-history.ts";

/** What the banner prints. */
export interface DemoLogins {
  password: string;
  people: { email: string; role: string }[];
  /** File with one API key per organization of the demo, by slug. For this machine's user only. */
  keyFile: string;
}

/** How long ago the demo's enterprise began, in milliseconds. */
const AGE_MS = 75 * DAY_MS;

/**
 * Loads the demo into a database that has nobody in it: an enterprise with three organizations, six people with every
 * role, teams, wallets with two months of history, an API key for each organization. Everything goes through the
 * product's own verbs. Every step can run again, so a start that was killed half-way is completed by the next one.
 */
export async function loadDemo(services: Services, keyFile: string): Promise<DemoLogins | undefined> {
  const state = await readState(services.db);
  if (state === "foreign") return undefined;
  if (state !== "complete") {
    services.log.info({}, "loading the demo");
    await ensurePrices(services.db, services.clock.now());
    await ensureOrganizations(services, await ensurePeople(services), keyFile);
    await markComplete(services.db);
  }
  return { password: DEMO_PASSWORD, people: people.map(({ key, role }) => ({ email: emailOf(key), role })), keyFile };
}

type Cast = Record<PersonKey, User>;

/** The last person of the cast becomes platform admin last: that says the demo is whole. */
async function readState(db: Database): Promise<"empty" | "begun" | "complete" | "foreign"> {
  const [last] = await db.sql<{ is_platform_admin: boolean }[]>`
    SELECT is_platform_admin FROM users WHERE email = ${emailOf("margaret")}`;
  if (last) return last.is_platform_admin ? "complete" : "begun";
  const [anybody] = await db.drizzle.select({ id: users.id }).from(users).limit(1);
  return anybody ? "foreign" : "empty";
}

async function markComplete(db: Database): Promise<void> {
  await db.sql`UPDATE users SET is_platform_admin = true WHERE email = ${emailOf("margaret")}`;
}

async function ensurePeople({ db, clock, passwords }: Services): Promise<Cast> {
  const passwordHash = await passwords.hash(DEMO_PASSWORD);
  const createdAt = new Date(clock.now().getTime() - AGE_MS);
  const verified = { passwordHash, createdAt, emailVerifiedAt: createdAt };
  const rows = people.map(({ key, name }) => ({ id: demoId(key), name, email: emailOf(key), ...verified }));
  await db.drizzle.insert(users).values(rows).onConflictDoNothing();
  const cast = people.map(({ key, name }) => [
    key,
    { id: demoId(key), name, email: emailOf(key), isPlatformAdmin: false },
  ]);
  return Object.fromEntries(cast) as Cast;
}

async function ensureOrganizations(services: Services, people: Cast, keyFile: string): Promise<void> {
  const createdAt = new Date(services.clock.now().getTime() - AGE_MS);
  const enterpriseId = demoId("enterprise");
  const then = { ...services, clock: { now: () => createdAt } };
  await services.db.drizzle
    .insert(enterprises)
    .values({ id: enterpriseId, name: ENTERPRISE_NAME, slug: "northwind", createdAt })
    .onConflictDoNothing();
  const made: OrganizationActor[] = [];
  for (const part of cast) {
    const owner = people[part.roster[0]?.[0] ?? "ada"];
    // Whoever makes an organization makes it in the enterprise that they administer.
    await services.db.drizzle
      .insert(enterpriseAdmins)
      .values({ enterpriseId, userId: owner.id, createdAt })
      .onConflictDoNothing();
    const { name, slug, code, description } = part;
    const { organizationId } = await createOrganization(then, owner, {
      name,
      slug,
      idempotencyKey: `demo ${slug}`,
      isSetUp: true,
    });
    await withOrganization(services.db, organizationId, async (tx) => {
      await lockOrganization(tx);
      for (const [key, role] of part.roster.slice(1)) {
        await addMember(tx, then, { user: people[key], role, actorId: owner.id });
      }
      await tx.sql`UPDATE organizations SET code = ${code}, description = ${description} WHERE id = ${organizationId}`;
    });
    const actor = {
      userId: owner.id,
      name: owner.name,
      email: owner.email,
      organizationId,
      slug,
      role: "owner",
      status: "active",
    } as const;
    await writeHistory(services, actor, part);
    made.push(actor);
  }
  await ensureTeams(services.db, enterpriseId, { people, made, createdAt });
  for (const actor of made) await writeTeamUses(services, actor);
  // The first one is the organization that every page is looked at with.
  if (made[0]) await sendDemoInvites(services, made[0]);
  await onlyEdsgerAdministers(services.db, enterpriseId, people);
  await ensureKeys(services, made, keyFile);
}

/** Ada made her organization; the enterprise is Edsger's to administer. */
async function onlyEdsgerAdministers(db: Database, enterpriseId: string, people: Cast): Promise<void> {
  await db.sql`
    DELETE FROM enterprise_admins WHERE enterprise_id = ${enterpriseId} AND user_id <> ${people.edsger.id}`;
}

async function ensureTeams(
  db: Database,
  enterpriseId: string,
  { people, made, createdAt }: { people: Cast; made: OrganizationActor[]; createdAt: Date },
): Promise<void> {
  const assigned = cast.flatMap((part) =>
    part.teams.map((name) => ({
      name,
      organizationId: made.find((each) => each.slug === part.slug)?.organizationId ?? null,
    })),
  );
  const rows = [...assigned, ...unassignedTeams.map((name) => ({ name, organizationId: null }))].map((team) => ({
    ...team,
    enterpriseId,
    id: demoId(`team:${team.name}`),
    createdAt,
    assignedAt: team.organizationId === null ? null : createdAt,
  }));
  await withEnterprise(db, enterpriseId, async (tx) => {
    await tx.db.insert(teams).values(rows).onConflictDoNothing();
    const members = rows.flatMap(({ id: teamId, name }) =>
      (name === "Applied Science" ? [people.alan, people.grace, people.margaret] : [people.alan, people.grace]).map(
        ({ id: userId }) => ({ enterpriseId, teamId, userId, createdAt }),
      ),
    );
    await tx.db.insert(teamMembers).values(members).onConflictDoNothing();
  });
}

interface DemoKey {
  key: string;
  /** For whom the organization's agents work. */
  members: string[];
}

/** A key is seen only when it is made, so those that the file lacks are made anew. */
async function ensureKeys(services: Services, made: OrganizationActor[], keyFile: string): Promise<void> {
  const keys: Record<string, DemoKey> = JSON.parse(await readFile(keyFile, "utf8").catch(() => "{}"));
  for (const actor of made) {
    const members = cast.find(({ slug }) => slug === actor.slug)?.roster.map(([key]) => emailOf(key)) ?? [];
    keys[actor.slug] ??= {
      key: (await createApiKey(services, actor, { name: "Demo", scopes: allApiKeyScopes })).key,
      members,
    };
  }
  await mkdir(dirname(keyFile), { recursive: true });
  await writeFile(keyFile, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
}
