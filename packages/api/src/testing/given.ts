import { createSealer, type Role, SECRET_KEY_BYTES } from "@guildhall/auth";
import { type Database, withOrganization } from "@guildhall/db";
import { events, members, users } from "@guildhall/db/schema";
import { newId, systemClock } from "@guildhall/shared";
import { asc } from "drizzle-orm";
import { addMember } from "../modules/members/index.ts";
import { createOrganization, lockOrganization } from "../modules/organizations/index.ts";
import { createServices, type RunningServices } from "../server.ts";
import type { OrganizationActor, Services, User } from "../trpc/context.ts";

const silent = { info() {}, warn() {}, error() {} };

/** One key for all tests: services of two processes over one database open what the other sealed. */
export const testSealer = createSealer([Buffer.alloc(SECRET_KEY_BYTES, 7)]);

/** Services over a test's database, as the server composes them. Stop them when the test ends. Mail stays in the outbox. */
export function givenServices(db: Database, replaced: Partial<Services> = {}): RunningServices {
  const log = replaced.log ?? silent;
  const clock = replaced.clock ?? systemClock;
  const publicUrl = "https://portal.example.com";
  const mail = { sealer: testSealer, mailDelivery: "captured" } as const;
  return { ...createServices({ db, clock, publicUrl, log, ...mail }), ...replaced };
}

/** A person. Their password hash is no hash: nobody can sign in as them. */
export async function givenUser(db: Database, name = "Ada"): Promise<User> {
  const id = newId();
  const user = { id, name, email: `${name.toLowerCase()}-${id.slice(-12)}@example.com`, isPlatformAdmin: false };
  await db.drizzle.insert(users).values({ ...user, passwordHash: "none", createdAt: new Date() });
  return user;
}

/** A new organization, ready to use, with its owner. */
export async function givenOrganization(services: Services, name = "Acme"): Promise<OrganizationActor> {
  const owner = await givenUser(services.db, "Owner");
  const created = await createOrganization(services, owner, { name, idempotencyKey: newId(), isSetUp: true });
  return { ...actorOf(owner, "owner"), organizationId: created.organizationId, slug: created.slug, status: "active" };
}

/** One more member of an organization, as an actor in it. */
export async function givenMember(services: Services, of: OrganizationActor, role: Role): Promise<OrganizationActor> {
  const user = await givenUser(services.db, role);
  await withOrganization(services.db, of.organizationId, async (tx) => {
    await lockOrganization(tx);
    await addMember(tx, services, { user, role, actorId: of.userId });
  });
  return { ...of, ...actorOf(user, role) };
}

/** The roster as it stands: role by person. */
export async function readRoster(db: Database, organizationId: string): Promise<Record<string, Role>> {
  const rows = await withOrganization(db, organizationId, (tx) => tx.db.select().from(members));
  return Object.fromEntries(rows.map((row) => [row.userId, row.role]));
}

function actorOf(user: User, role: Role): Pick<OrganizationActor, "userId" | "name" | "email" | "role"> {
  return { userId: user.id, name: user.name, email: user.email, role };
}

/** An organization's log, in order. */
export function readLog(db: Database, organizationId: string): Promise<(typeof events.$inferSelect)[]> {
  return withOrganization(db, organizationId, (tx) => tx.db.select().from(events).orderBy(asc(events.sequence)));
}
