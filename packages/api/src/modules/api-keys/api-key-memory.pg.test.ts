import { allApiKeyScopes } from "@guildhall/auth";
import { pgTest } from "@guildhall/db/testing";
import { MINUTE_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenOrganization, givenServices } from "../../testing/given.ts";
import { createApiKeys } from "./api-key-memory.ts";
import { makeApiKey } from "./api-key-token.ts";
import { listApiKeys } from "./api-keys.queries.ts";
import { createApiKey } from "./create-api-key.ts";
import { revokeApiKey } from "./revoke-api-key.ts";

pgTest(
  "S1.13 a key that is known is confirmed by a read of its own each time: revoked elsewhere, it fails at the next call",
  async ({ db, superuserDb, openSecondConnection, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const [created, other] = [
      await createApiKey(services, owner, { name: "One", scopes: allApiKeyScopes }),
      await createApiKey(services, owner, { name: "Two", scopes: allApiKeyScopes }),
    ];
    const keys = createApiKeys({ ...services, db: openSecondConnection() });
    const actor = await keys.confirm(created.key);
    expect(actor).toEqual(await keys.check(created.key));
    await keys.confirm(other.key);
    await revokeApiKey(services, owner, created);
    expect(keys.recall(created.key)).toEqual(actor);
    const answers = await Promise.allSettled([keys.confirm(created.key), keys.confirm(other.key)]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(answers[0]).toMatchObject({ reason: { code: "invalid_api_key", details: {} } });
    expect(keys.recall(created.key)).toBeUndefined();
    await expect(keys.confirm(created.key)).rejects.toMatchObject({ code: "invalid_api_key" });
    for (const status of ["inactive", "active", "archived"] as const) {
      await superuserDb.sql`UPDATE organizations SET status = ${status} WHERE id = ${owner.organizationId}`;
      expect(await keys.confirm(other.key)).toMatchObject({ apiKeyId: other.apiKeyId, status });
    }
  },
);

pgTest(
  "S3.3 of a key nothing is remembered that was not read, and none of another's",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const [owner, other] = [await givenOrganization(services), await givenOrganization(services)];
    const { key } = await createApiKey(services, owner, { name: "Key", scopes: allApiKeyScopes });
    const keys = createApiKeys(services);
    expect(keys.recall(key)).toBeUndefined();
    await keys.check(key);
    const foreign = key.replace(owner.organizationId.replaceAll("-", ""), other.organizationId.replaceAll("-", ""));
    for (const wrong of [foreign, key.slice(0, -1), `${key}x`, makeApiKey(owner.organizationId).key, ""]) {
      expect(keys.recall(wrong), wrong).toBeUndefined();
      await expect(keys.confirm(wrong)).rejects.toMatchObject({ code: "invalid_api_key" });
      expect(keys.recall(wrong), wrong).toBeUndefined();
    }
    keys.forget(key);
    expect(keys.recall(key)).toBeUndefined();
  },
);

pgTest(
  "a key that is only recalled is still read once a minute, which notes its last use",
  async ({ db, onTestFinished }) => {
    let nowMs = Date.UTC(2026, 0, 1);
    const services = givenServices(db, { clock: { now: () => new Date(nowMs) } });
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const { key } = await createApiKey(services, owner, { name: "Key", scopes: allApiKeyScopes });
    const keys = createApiKeys(services);
    const lastUse = async () => (await listApiKeys(db, owner.organizationId))[0]?.lastUsedAt;
    await keys.check(key);
    await expect.poll(lastUse).toBe("2026-01-01T00:00:00.000Z");
    nowMs += MINUTE_MS;
    for (let n = 0; n < 3; n += 1) expect(keys.recall(key)).toMatchObject({ organizationId: owner.organizationId });
    await expect.poll(lastUse).toBe("2026-01-01T00:01:00.000Z");
  },
);

pgTest("the database tells nobody inside one organization about another's keys", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const [owner, other] = [await givenOrganization(services), await givenOrganization(services)];
  const asked = db.sql.begin(async (tx) => {
    await tx`SELECT set_config('app.organization_id', ${owner.organizationId}, true)`;
    return tx`SELECT * FROM refused_api_keys(${[other.organizationId]}::uuid[], ${[newId()]}::uuid[])`;
  });
  await expect(asked).rejects.toThrow("another organization");
});
