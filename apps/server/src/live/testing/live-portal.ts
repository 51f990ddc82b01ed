import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  addMember,
  appRouter,
  createOrganization,
  createServices,
  lockOrganization,
  type Services,
  type User,
} from "@guildhall/api/server";
import type { Role } from "@guildhall/auth";
import { type Database, withOrganization } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { appendEvents } from "@guildhall/live";
import { type Clock, newId, systemClock } from "@guildhall/shared";
import { onTestFinished, vi } from "vitest";
import { attachLiveGateway, type LiveGateway } from "../attach-live-gateway.ts";
import type { LiveLimits } from "../live-limits.ts";

/** A live gateway on a free port, over the real services, for one test. */
export interface LivePortal {
  services: Services;
  gateway: LiveGateway;
  port: number;
  origin: string;
  /** What was logged at level error; a test that ends with any has failed. */
  errors: unknown[];
}

export interface LivePortalOptions {
  limits?: Partial<LiveLimits>;
  clock?: Clock;
  isHubOff?: boolean;
}

const silent = { info() {}, warn() {} };

export async function givenLivePortal(
  db: Database,
  { limits = {}, clock = systemClock, isHubOff = false }: LivePortalOptions = {},
): Promise<LivePortal> {
  const server = createServer((_, response) => response.end("page"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://localhost:${port}`;
  const errors: unknown[] = [];
  const log = { ...silent, error: (facts: object) => errors.push(facts) };
  const services = createServices({ db, clock, publicUrl: origin, log });
  const listening = whenListening(services);
  const options = { publicUrl: origin, limits, isHubOff, log };
  const gateway = attachLiveGateway({ server, services, router: appRouter, ...options });
  onTestFinished(async () => {
    await gateway.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await services.stop();
    if (errors.length > 0) throw new Error("The live channel logged errors", { cause: errors });
  });
  await listening;
  return { services, gateway, port, origin, errors };
}

/** Resolves when the other processes are heard. Everybody is woken at that moment: a test that counts must not begin before. */
function whenListening({ bus }: Pick<Services, "bus">): Promise<void> {
  const listening = Promise.withResolvers<void>();
  const unwatch = bus.watchSessions((sessionId) => sessionId === null && listening.resolve());
  return listening.promise.finally(unwatch);
}

export interface SignedInPerson {
  user: User;
  sessionId: string;
  /** The header that the person's browser sends. */
  cookie: string;
}

/** A person with a session. */
export async function givenPerson({ services }: Pick<LivePortal, "services">): Promise<SignedInPerson> {
  const id = newId();
  const user = { id, name: "Ada", email: `ada-${id}@example.com`, isPlatformAdmin: false };
  await services.db.drizzle.insert(users).values({ ...user, passwordHash: "none", createdAt: new Date() });
  const session = await services.sessions.create(id, { address: "127.0.0.1", userAgent: "test" });
  return { user, sessionId: session.id, cookie: `session=${session.token}` };
}

export interface OwnedOrganization {
  organizationId: string;
  slug: string;
}

export async function givenOrganization({ services }: LivePortal, owner: SignedInPerson): Promise<OwnedOrganization> {
  const input = { name: "Acme", idempotencyKey: newId(), isSetUp: true };
  return createOrganization(services, owner.user, input);
}

export async function join(
  { services }: LivePortal,
  { organizationId }: OwnedOrganization,
  { user, role }: { user: User; role: Role },
): Promise<void> {
  await withOrganization(services.db, organizationId, async (tx) => {
    await lockOrganization(tx);
    await addMember(tx, services, { user, role, actorId: user.id });
  });
}

/** Writes one event for everybody into the log and wakes those who follow it. Returns its sequence. */
export async function rename(
  { services }: Pick<LivePortal, "services">,
  { organizationId }: OwnedOrganization,
  name: string,
): Promise<string> {
  const event = {
    organizationId,
    type: "organization.renamed" as const,
    payload: { name },
    audience: null,
    actorId: null,
  };
  const heads = await withOrganization(services.db, organizationId, (tx) => appendEvents(tx.sql, [event], new Date()));
  services.bus.publish(heads);
  return String(heads[0]?.sequence);
}

/** Waits until something holds; for what becomes true in another turn of the event loop. */
export function eventually(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 30_000, interval: 5 });
}
