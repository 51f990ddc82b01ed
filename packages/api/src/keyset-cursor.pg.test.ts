import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { setPlatformAdmin } from "./modules/admin/set-platform-admin.ts";
import { callingAs } from "./testing/calling.ts";
import { givenMember, givenOrganization, givenServices } from "./testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam, proveAddress, spenderOf } from "./testing/given-teams.ts";

type ReadPage = (cursor?: string) => Promise<{ nextCursor: string | null }>;

/** The lists that go on behind a place, each of more than one row, and read one row at a time over the real routers. */
async function givenLists(db: Database): Promise<Record<string, ReadPage>> {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  await givenOrganization(services);
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  await givenCredits(services, owner);
  for (const amountMicro of [1, 2]) await spenderOf(services, owner)(member, amountMicro);
  await proveAddress(services, member);
  await setPlatformAdmin(services, { email: owner.email, isPlatformAdmin: true, allowUnverified: true });
  const enterprise = await givenEnterprise(services, owner);
  const teams = [await givenTeam(services, enterprise), await givenTeam(services, enterprise)];
  const teamId = teams[0]?.teamId ?? "";
  const api = callingAs(services, { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: true });
  for (const { teamId } of teams) await api.teams.assign({ organization: owner.slug, teamId });
  await api.teams.addMember({ enterprise: enterprise.slug, teamId, email: member.email });
  const here = { organization: owner.slug, limit: 1 };
  const above = { enterprise: enterprise.slug, limit: 1 };
  return {
    "usage.list": (cursor) => api.usage.list({ ...here, cursor }),
    "members.page by role": (cursor) => api.members.page({ ...here, sort: "role", cursor }),
    "members.page by name": (cursor) => api.members.page({ ...here, sort: "name", cursor }),
    "members.page by joined": (cursor) => api.members.page({ ...here, sort: "joined", cursor }),
    "teams.list": (cursor) => api.teams.list({ ...here, cursor }),
    "teams.people": (cursor) => api.teams.people({ ...here, teamId, cursor }),
    "teams.ofEnterprise": (cursor) => api.teams.ofEnterprise({ ...above, cursor }),
    "teams.get": (cursor) => api.teams.get({ ...above, teamId, cursor }),
    "admin.organizations by name": (cursor) => api.admin.organizations({ limit: 1, sort: "name", cursor }),
    "admin.organizations by age": (cursor) => api.admin.organizations({ limit: 1, sort: "created", cursor }),
  };
}

/** What no part of a cursor may be: what Postgres cannot store, and what is no text. */
const NOWHERE = ["a\u0000b", "\ud800", 1, null, {}];
/** What JavaScript takes for a time and Postgres does not: a name, but nothing else, may be called so. */
const NO_TIMES = ["+275760-09-13T00:00:00.000Z", "-000001-01-01T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "2026"];
const NO_CURSORS = ["", "x", "bnVsbA", "W10", "eyJhIjoxfQ", "1_x", `-99999999999999_${newId()}`];

const decode = (cursor: string): unknown[] => JSON.parse(Buffer.from(cursor, "base64url").toString());
const encode = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString("base64url");

/** The cursor with each of its parts replaced by each of these. */
function replacing(cursor: string, values: unknown[]): string[] {
  const parts = decode(cursor);
  return parts.flatMap((_, at) => values.map((value) => encode(parts.with(at, value))));
}

pgTest("a cursor leads on; one that the portal did not write is refused as such, by every list", async ({ db }) => {
  for (const [name, read] of Object.entries(await givenLists(db))) {
    const first = (await read()).nextCursor ?? "";
    expect(first, name).toMatch(/^[\w-]+$/);
    await read(first);
    const outcome = (cursor: string) =>
      read(cursor).then(
        () => "read",
        ({ code }) => code,
      );
    const parts = decode(first);
    for (const cursor of [
      ...replacing(first, NOWHERE),
      ...[encode([...parts, "more"]), encode(parts.slice(1)), encode(first)],
      ...NO_CURSORS,
    ]) {
      expect(await outcome(cursor), `${name} ${Buffer.from(cursor, "base64url")}`).toBe("UNPROCESSABLE_CONTENT");
    }
    for (const cursor of replacing(first, NO_TIMES)) {
      expect(["read", "UNPROCESSABLE_CONTENT"], `${name} ${Buffer.from(cursor, "base64url")}`).toContain(
        await outcome(cursor),
      );
    }
  }
});
