import {
  addCredits,
  addMember,
  createApiKey,
  createOrganization,
  createServices,
  lockOrganization,
  type OrganizationActor,
  type RunningServices,
  readWallet,
  type User,
} from "@guildhall/api/server";
import { withOrganization } from "@guildhall/db";
import { modelPrices, users } from "@guildhall/db/schema";
import { newId, systemClock } from "@guildhall/shared";
import type { Bench, BenchDatabase } from "../bench.ts";

const log = { info() {}, warn() {}, error: (facts: object) => console.error(facts) };

/** What one use of `USE` costs: 1,000 input tokens at 1 credit per million. */
export const USE_MICRO = 1_000n;
const MODEL = "bench-model";

/** A use as the interface for programs takes it, without its key. */
export const USE = { agent: "support-triage", model: MODEL, inputTokens: 1_000, outputTokens: 0 };

/** An organization of the product with a full wallet, made by the product's own verbs. */
export interface BenchOrganization {
  services: RunningServices;
  owner: OrganizationActor;
  apiKey: string;
  /** What the wallet holds, in micro-credits. */
  balanceMicro(): Promise<bigint>;
}

export async function givenOrganization(bench: Bench, database: BenchDatabase): Promise<BenchOrganization> {
  const db = database.app(4);
  const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost", log });
  bench.onEnd(() => services.stop());
  const effectiveFrom = new Date(0);
  const price = { model: MODEL, inputMicroPerMillion: 1_000_000n, outputMicroPerMillion: 1_000_000n, effectiveFrom };
  await db.drizzle.insert(modelPrices).values(price);
  const person = await givenPerson(services, "Owner");
  const input = { name: "Bench", idempotencyKey: newId(), isSetUp: true };
  const { organizationId, slug } = await createOrganization(services, person, input);
  const { id: userId, name, email } = person;
  const owner: OrganizationActor = { userId, name, email, organizationId, slug, role: "owner", status: "active" };
  await addCredits(services, owner, { amountMicro: 100_000_000_000_000n, idempotencyKey: newId() });
  const { key } = await createApiKey(services, owner, { name: "Bench", scopes: ["usage:write"] });
  const balanceMicro = async () => BigInt((await readWallet(db, organizationId)).balanceMicro);
  return { services, owner, apiKey: key, balanceMicro };
}

/** People who are members, each with a session: their Cookie headers. */
export async function givenMembers({ services, owner }: BenchOrganization, count: number): Promise<string[]> {
  const cookies: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const user = await givenPerson(services, `Member ${n}`);
    await withOrganization(services.db, owner.organizationId, async (tx) => {
      await lockOrganization(tx);
      await addMember(tx, services, { user, role: "member", actorId: owner.userId });
    });
    const { token } = await services.sessions.create(user.id, { address: "127.0.0.1", userAgent: "bench" });
    cookies.push(`session=${token}`);
  }
  return cookies;
}

async function givenPerson({ db }: RunningServices, name: string): Promise<User> {
  const id = newId();
  const user = { id, name, email: `${id}@example.com`, isPlatformAdmin: false };
  await db.drizzle.insert(users).values({ ...user, passwordHash: "none", createdAt: new Date() });
  return user;
}
