import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { allApiKeyScopes } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { apiKeys } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { callingAs } from "../../testing/calling.ts";
import { givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import { makeApiKey } from "./api-key-token.ts";
import { listApiKeys } from "./api-keys.queries.ts";
import { createApiKeyCheck } from "./check-api-key.ts";
import { createApiKey } from "./create-api-key.ts";
import { revokeApiKey } from "./revoke-api-key.ts";

pgTest(
  "a key is shown once, stored as a hash, and lets its organization in",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const { apiKeyId, key } = await createApiKey(services, owner, { name: "Nightly jobs", scopes: allApiKeyScopes });
    const { organizationId, slug } = owner;
    expect(await createApiKeyCheck(services)(key)).toEqual({
      apiKeyId,
      organizationId,
      slug,
      organizationName: "Acme",
      status: "active",
      scopes: allApiKeyScopes,
    });
    const [row] = await superuserDb.sql`SELECT api_keys::text AS stored FROM api_keys WHERE id = ${apiKeyId}`;
    expect(row?.stored).not.toContain(key.slice(-43));
    expect(await listApiKeys(db, organizationId)).toMatchObject([
      { apiKeyId, name: "Nightly jobs", hint: `gh_…${key.slice(-4)}`, createdByName: owner.name, revokedAt: null },
    ]);
  },
);

pgTest("unknown, foreign, revoked and malformed keys all look the same", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const [owner, other] = [await givenOrganization(services), await givenOrganization(services)];
  const revoked = await createApiKey(services, owner, { name: "Old", scopes: allApiKeyScopes });
  await revokeApiKey(services, owner, revoked);
  const { key } = await createApiKey(services, owner, { name: "New", scopes: allApiKeyScopes });
  const foreign = key.replace(owner.organizationId.replaceAll("-", ""), other.organizationId.replaceAll("-", ""));
  const check = createApiKeyCheck(services);
  const keys = [revoked.key, makeApiKey(owner.organizationId).key, makeApiKey(newId()).key, foreign, "", `${key}x`];
  const refusals = await Promise.all(keys.map((each) => check(each).catch((error: unknown) => error)));
  expect(new Set(refusals.map(String))).toEqual(new Set([String(refusals[0])]));
  for (const refusal of refusals) expect(refusal).toMatchObject({ code: "invalid_api_key", details: {} });
});

pgTest(
  "a key fails at the very next request after it was revoked, also in another process",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const created = await createApiKey(services, owner, { name: "Key", scopes: allApiKeyScopes });
    const check = createApiKeyCheck({ ...services, db: openSecondConnection() });
    const busy = Promise.allSettled(Array.from({ length: 20 }, () => check(created.key)));
    await check(created.key);
    await revokeApiKey(services, owner, created);
    await expect(check(created.key)).rejects.toMatchObject({ code: "invalid_api_key" });
    await busy;
  },
);

pgTest("the last use is noted at most once a minute", async ({ db, onTestFinished }) => {
  let nowMs = Date.UTC(2026, 0, 1);
  const services = givenServices(db, { clock: { now: () => new Date(nowMs) } });
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const { key } = await createApiKey(services, owner, { name: "Key", scopes: allApiKeyScopes });
  const check = createApiKeyCheck(services);
  const lastUse = async () => (await listApiKeys(db, owner.organizationId))[0]?.lastUsedAt;
  const useAt = async (ms: number) => {
    nowMs = ms;
    await check(key);
  };
  await useAt(Date.UTC(2026, 0, 1, 0, 0, 10));
  await expect.poll(lastUse).toBe("2026-01-01T00:00:10.000Z");
  await useAt(Date.UTC(2026, 0, 1, 0, 1, 9));
  await useAt(Date.UTC(2026, 0, 1, 0, 1, 10));
  await expect.poll(lastUse).toBe("2026-01-01T00:01:10.000Z");
});

pgTest(
  "making and revoking are announced to those who manage keys, revoking twice only once",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const [owner, stranger] = [await givenOrganization(services), await givenOrganization(services)];
    const { apiKeyId } = await createApiKey(services, owner, { name: "Key", scopes: allApiKeyScopes });
    await expect(revokeApiKey(services, stranger, { apiKeyId })).rejects.toMatchObject({ code: "not_found" });
    await revokeApiKey(services, owner, { apiKeyId });
    await revokeApiKey(services, owner, { apiKeyId });
    const events = (await readLog(db, owner.organizationId)).filter(({ type }) => type.startsWith("api_key."));
    expect(events.map(({ type, audience }) => [type, audience])).toEqual([
      ["api_key.created", ["owner", "admin"]],
      ["api_key.revoked", ["owner", "admin"]],
    ]);
  },
);

pgTest(
  "a key has the scopes that it was made with, each once, in the list, in its authority and in the audit log; and at least one",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const scopes = ["prices:read", "usage:write", "prices:read"] as const;
    const { apiKeyId, key } = await createApiKey(services, owner, { name: "Agent", scopes });
    const kept = ["usage:write", "prices:read"];
    expect((await createApiKeyCheck(services)(key)).scopes).toEqual(kept);
    expect(await listApiKeys(db, owner.organizationId)).toMatchObject([{ apiKeyId, scopes: kept }]);
    const [entry] = await superuserDb.sql`SELECT after FROM audit.entries WHERE subject_id = ${apiKeyId}`;
    expect(entry?.after).toMatchObject({ name: "Agent", scopes: kept });
    await expect(createApiKey(services, owner, { name: "Idle", scopes: [] })).rejects.toThrow();
    const user = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
    const { create } = callingAs(services, user).apiKeys;
    for (const wrong of [[], ["usage:all"], undefined]) {
      const input = { organization: owner.slug, name: "Idle", scopes: wrong } as Parameters<typeof create>[0];
      await expect(create(input)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    }
    expect(await listApiKeys(db, owner.organizationId)).toHaveLength(1);
  },
);

pgTest(
  "nobody changes a key's scopes, so what is remembered of them is exact",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const { apiKeyId, key } = await createApiKey(services, owner, { name: "Agent", scopes: ["usage:write"] });
    const widen = withOrganization(db, owner.organizationId, (tx) =>
      tx.db
        .update(apiKeys)
        .set({ scopes: [...allApiKeyScopes] })
        .where(eq(apiKeys.id, apiKeyId)),
    );
    await expect(widen).rejects.toMatchObject({ cause: { message: expect.stringContaining("permission denied") } });
    // One that is not in the table any more gives nothing.
    await superuserDb.sql`UPDATE api_keys SET scopes = '{prices:read,gone:write}' WHERE id = ${apiKeyId}`;
    expect((await createApiKeyCheck(services)(key)).scopes).toEqual(["prices:read"]);
  },
);

const MIGRATION = join(import.meta.dirname, "../../../../db/migrations/0025_api_key_scopes.sql");

pgTest(
  "keys from before there were scopes keep all of them, and no key is made without",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const { apiKeyId, key } = await createApiKey(services, owner, { name: "Old", scopes: ["prices:read"] });
    await superuserDb.sql`ALTER TABLE api_keys DROP COLUMN scopes`;
    await superuserDb.sql.unsafe(await readFile(MIGRATION, "utf8"));
    expect(await createApiKeyCheck(services)(key)).toMatchObject({ apiKeyId, scopes: allApiKeyScopes });
    const insert = superuserDb.sql`INSERT INTO api_keys (organization_id, id, name, hint, secret_hash, created_by, created_at)
    SELECT organization_id, gen_random_uuid(), name, hint, sha256('another'), created_by, created_at FROM api_keys WHERE id = ${apiKeyId}`;
    await expect(insert).rejects.toThrow(/"scopes".*not-null/);
  },
);
