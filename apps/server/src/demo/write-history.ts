import {
  addCredits,
  createRecordUsage,
  createServices,
  deductCredits,
  type OrganizationActor,
  type Services,
} from "@guildhall/api/server";
import type { Database } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import { DAY_MS, HOUR_MS, MICRO_PER_CREDIT } from "@guildhall/shared";
import { type DemoOrganization, emailOf, type PersonKey } from "./demo-cast.ts";
import { demoId } from "./demo-id.ts";

/** How many days of history the wallets have. */
const DAYS = 60;
/** Days before today on which credits were topped up, oldest first. */
const TOP_UPS = [60, 31, 8];

const agents = ["support-triage", "release-notes", "code-review", "market-digest"];

const prices = [
  { model: "atlas-mini", inputMicroPerMillion: 150_000n, outputMicroPerMillion: 600_000n },
  { model: "atlas-large", inputMicroPerMillion: 2_500_000n, outputMicroPerMillion: 10_000_000n },
  { model: "atlas-vision", inputMicroPerMillion: 5_000_000n, outputMicroPerMillion: 15_000_000n },
];

/** Who spends through a team, without being a member of the organization that it is assigned to. */
const TEAM_SPENDERS: Record<string, PersonKey> = { "northwind-research": "margaret", "northwind-studio": "alan" };

/** Gives every model of the demo a price from before the first day on. */
export async function ensurePrices(db: Database, now: Date): Promise<void> {
  const effectiveFrom = new Date(now.getTime() - 2 * DAYS * DAY_MS);
  const existing = await db.drizzle.select({ model: modelPrices.model }).from(modelPrices);
  const missing = prices.filter(({ model }) => !existing.some((row) => row.model === model));
  if (missing.length > 0)
    await db.drizzle.insert(modelPrices).values(missing.map((price) => ({ ...price, effectiveFrom })));
}

/**
 * Writes two months of top-ups, uses and corrections through the product's verbs, on a clock that walks through those
 * days. The idempotency keys name the day, so what is there already is not written again; for that no
 * wallet may run dry on the way, since a use that was refused once would be taken the next time.
 */
export async function writeHistory(
  services: Services,
  actor: OrganizationActor,
  part: DemoOrganization,
): Promise<void> {
  const end = services.clock.now().getTime();
  let now = end - DAYS * DAY_MS;
  const clock = { now: () => new Date(now) };
  const { db, publicUrl, log } = services;
  const then = createServices({ db, clock, publicUrl, log });
  const recordUsage = createRecordUsage(then);
  const random = seededRandom(part.code);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const members = part.roster.map(([person]) => emailOf(person));
  try {
    for (let day = DAYS; day >= 1; day -= 1) {
      const key = (what: string) => demoId(`${part.slug} ${what} ${day}`);
      now = end - day * DAY_MS;
      if (TOP_UPS.includes(day)) await topUp(then, actor, { part, key: key("top-up") });
      for (let use = 0; use < 1 + Math.floor(random() * 4); use += 1) {
        now += 1 + Math.floor(random() * 5 * HOUR_MS);
        const agent = pick(agents);
        const { model } = pick(prices);
        const [inputTokens, outputTokens] = [Math.floor(random() * 9_000_000), Math.floor(random() * 900_000)];
        await recordUsage(
          { organizationId: actor.organizationId, status: "active", apiKeyId: null },
          { agent, member: pick(members), model, inputTokens, outputTokens, idempotencyKey: key(`use ${use}`) },
        );
      }
      if (day === 20) await correct(then, actor, key("correction"));
    }
  } finally {
    await then.stop();
  }
}

/** Charges a few uses of today to people of the assigned teams. Their keys are fixed: again is harmless. */
export async function writeTeamUses(services: Services, { organizationId, slug }: OrganizationActor): Promise<void> {
  const spender = TEAM_SPENDERS[slug];
  if (!spender) return;
  const recordUsage = createRecordUsage(services);
  const actor = { organizationId, status: "active", apiKeyId: null } as const;
  for (const [place, inputTokens] of [1_800_000, 640_000, 2_350_000].entries()) {
    const idempotencyKey = demoId(`${slug} team use ${place}`);
    const use = { agent: "release-notes", model: "atlas-large", inputTokens, outputTokens: 210_000 };
    await recordUsage(actor, { ...use, member: emailOf(spender), idempotencyKey });
  }
}

async function topUp(then: Services, actor: OrganizationActor, { part, key }: { part: DemoOrganization; key: string }) {
  const amountMicro = BigInt(part.topUpCredits) * MICRO_PER_CREDIT;
  await addCredits(then, actor, { amountMicro, description: "Monthly budget", idempotencyKey: key });
}

async function correct(then: Services, actor: OrganizationActor, key: string) {
  const input = {
    amountMicro: 25n * MICRO_PER_CREDIT,
    reason: "Credits moved to the annual event",
    idempotencyKey: key,
  };
  await deductCredits(then, actor, input);
}

/** Mulberry32: the demo looks the same on every machine. */
function seededRandom(seed: string): () => number {
  let state = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
